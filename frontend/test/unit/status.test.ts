import { describe, expect, it } from 'vitest';
import { stepToAsk } from '../../src/core/begin';
import { concerns, pushed, size, span, type Vitals } from '../../src/core/status';
import { writeIn } from '../../src/core/time';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const well: Vitals = {
  version: '1',
  started: '2026-11-22T09:00:00Z',
  url: 'http://127.0.0.1:4275',
  streams: 1,
  model: { kind: 'openai', name: 'm', say: '' },
  storage: { bytes: 1, free_bytes: 1e10, nearly_full: false },
  turns: { running: 0, queued: 0, waiting: 0 },
  push: { devices: 1, queued: 0, day: { shown: 9, failed: 1 } },
  reminders: { lag_ms: 0 },
  tools: { ready: 2 },
};

describe('the status of Hark', () => {
  it('worries about nothing that is well', () => expect(concerns(well, undefined, NOW)).toEqual([]));

  it('names what needs a look, the most pressing first', () => {
    const ill: Vitals = {
      ...well,
      model: { kind: 'builtin', say: '' },
      storage: { bytes: 1, nearly_full: true },
      reminders: { lag_ms: 61_000 },
      push: { devices: 1, queued: 0, day: { shown: 3, failed: 1 } },
      tools: { failed: 1 },
    };
    const copies = { backups: [{ made: '2026-11-18T03:00:00Z', bytes: 1 }], next: '2026-11-23T03:00:00Z' };
    expect(concerns(ill, copies, NOW)).toEqual(['disk', 'lag', 'push', 'tools', 'backup', 'model']);
  });

  it('does not miss a backup on the first day, nor where none are wanted', () => {
    expect(concerns(well, { backups: [], next: '2026-11-23T03:00:00Z' }, NOW)).toEqual([]);
    expect(concerns({ ...well, started: '2026-10-01T00:00:00Z' }, { backups: [] }, NOW)).toEqual([]);
  });

  it('counts a push as arrived once a screen has had it', () => {
    expect(pushed({ shown: 1, seen: 2, acted: 3, withheld: 4, accepted: 5, queued: 6, failed: 7 })).toEqual({
      reached: 10,
      taken: 5,
      open: 6,
      failed: 7,
    });
  });

  it('says sizes and lengths of time as people do, in the language of the page', () => {
    writeIn('de');
    expect(size(5_250_000)).toBe('5,3 MB');
    writeIn('en');
    expect([0, 999, 1000, 999_600, 5_250_000, 64e9].map(size)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.0 MB',
      '5.3 MB',
      '64 GB',
    ]);
    expect([-5, 4_999, 60_000, 3_600_000, 5_460_000, 90_000_000].map(span)).toEqual([
      '0 s',
      '4 s',
      '1 min',
      '1 h',
      '1 h 31 min',
      '1 d 1 h',
    ]);
  });
});

describe('setting up', () => {
  it('goes on with the first step that was neither answered nor skipped', () => {
    expect(stepToAsk({})).toBe('you');
    expect(stepToAsk({ seen: ['you', 'phone'] })).toBe('model');
    expect(stepToAsk({ seen: ['you', 'model', 'phone', 'notifications', 'reminder'] })).toBeUndefined();
  });
});
