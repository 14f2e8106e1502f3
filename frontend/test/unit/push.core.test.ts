import { describe, expect, it } from 'vitest';
import { madeWith, obstacleOf, platformOf, pointsOf, standingOf, type Surroundings } from '../../src/core/push';
import { tp } from '../../src/i18n/en.push';
import { pageChecks, type Findings } from '../../src/push/doctor';

const fine: Surroundings = {
  secure: true,
  platform: 'other',
  standalone: false,
  worker: true,
  push: true,
  permission: 'granted',
};

describe('what a device is', () => {
  it.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Safari/604.1', 5, 'ios'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15', 5, 'ios'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15', 0, 'other'],
    ['Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/156.0.0.0 Mobile', 5, 'android'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0', 0, 'other'],
  ])('is told from %s with %d touch points', (agent, points, want) => expect(platformOf(agent, points)).toBe(want));
});

describe('what stands in the way of notifications', () => {
  it.each<[Partial<Surroundings>, ReturnType<typeof obstacleOf>]>([
    [{}, undefined],
    [{ permission: 'default' }, undefined],
    // Over plain HTTP a browser has some of the names and none of the things: this must be said first.
    [{ secure: false, worker: false, permission: 'denied' }, 'insecure'],
    // In a tab, iOS refuses the permission without a question.
    [{ platform: 'ios', push: false, permission: 'denied' }, 'home-screen'],
    [{ platform: 'ios', standalone: true }, undefined],
    [{ push: false }, 'unsupported'],
    [{ worker: false }, 'unsupported'],
    [{ permission: 'denied' }, 'denied'],
  ])('of %j is %j', (change, want) => expect(obstacleOf({ ...fine, ...change })).toBe(want));
});

describe('the state of this device', () => {
  const here = { wanted: true, subscribed: true, known: true };
  const state = (name: string) => ({ state: name, since: '2026-11-22T10:00:00.000Z' });

  it.each([
    [fine, here, 'on'],
    [fine, { ...here, wanted: false }, 'off'],
    [{ ...fine, permission: 'default' as const }, here, 'off'],
    [fine, { ...here, subscribed: false }, 'broken'],
    [fine, { ...here, known: false }, 'broken'],
    [fine, { ...here, state: state('silent') }, 'silent'],
    [fine, { ...here, state: state('misconfigured') }, 'misconfigured'],
    [fine, { ...here, state: state('on') }, 'on'],
    [{ ...fine, secure: false }, here, 'insecure'],
  ])('%#', (s, h, want) => {
    expect(standingOf(s, h)).toBe(want);
    expect(tp.standing(standingOf(s, h))).toMatch(/\.$/);
  });

  it('has a cure for whatever is wrong, on every platform', () => {
    const wrong = ['insecure', 'home-screen', 'unsupported', 'denied', 'broken', 'silent', 'misconfigured'] as const;
    for (const s of wrong) for (const p of ['ios', 'android', 'other'] as const) expect(tp.cure(s, p)).toMatch(/\.$/);
  });
});

describe('the picture of a delivery', () => {
  const stages = (d: Parameters<typeof pointsOf>[0]) => pointsOf(d).map((p) => `${p.stage}${p.reached ? '' : '?'}`);
  const at = '2026-11-22T10:00:00.000Z';

  it.each([
    ['queued', ['queued', 'accepted?', 'shown?']],
    ['accepted', ['queued', 'accepted', 'shown?']],
    ['shown', ['queued', 'accepted', 'shown']],
    ['acted', ['queued', 'accepted', 'shown', 'seen', 'acted']],
  ])('that is %s says what has happened and what was promised', (state, want) =>
    expect(stages({ state, at })).toEqual(want),
  );

  it('that ended otherwise ends with that', () => {
    expect(stages({ state: 'failed', at, times: { queued: at } })).toEqual(['queued', 'failed']);
    expect(stages({ state: 'withheld', at, times: { queued: at, seen: at } })).toEqual(['queued', 'seen', 'withheld']);
  });

  it('has the times that are known', () => {
    expect(pointsOf({ state: 'accepted', at, times: { queued: '2026-11-22T09:59:00.000Z' } })).toEqual([
      { stage: 'queued', reached: true, at: '2026-11-22T09:59:00.000Z' },
      { stage: 'accepted', reached: true, at },
      { stage: 'shown', reached: false, at: undefined },
    ]);
  });
});

it('a subscription is known by its key', () => {
  const key = Uint8Array.from([4, 1, 2]);
  expect(madeWith(key.buffer, key)).toBe(true);
  expect(madeWith(Uint8Array.from([4, 1, 3]).buffer, key)).toBe(false);
  expect(madeWith(null, key)).toBe(true);
});

describe('the doctor', () => {
  const well: Findings = {
    surroundings: fine,
    worker: 'abc',
    waiting: false,
    wanted: true,
    subscribed: true,
    known: true,
    rightKey: true,
  };
  const bad = (f: Partial<Findings>) => pageChecks({ ...well, ...f }, tp).filter((c) => !c.ok);

  it('finds nothing wrong where nothing is', () => expect(bad({})).toEqual([]));

  it.each<[string, Partial<Findings>]>([
    ['Secure connection', { surroundings: { ...fine, secure: false } }],
    ['Home Screen', { surroundings: { ...fine, platform: 'ios' } }],
    ['Background worker', { worker: undefined }],
    ['Background worker', { surroundings: { ...fine, push: false } }],
    ['Permission', { surroundings: { ...fine, permission: 'default' } }],
    ['Permission', { surroundings: { ...fine, permission: 'denied' } }],
    ['Subscription here', { subscribed: false }],
    ['Subscription here', { subscribed: false, wanted: false }],
    ['Known to Hark', { known: false }],
    ['Known to Hark', { rightKey: false }],
    ['Known to Hark', { known: undefined }],
  ])('names the first link that is broken, %s, with one cure', (name, findings) => {
    expect(bad(findings)).toEqual([
      expect.objectContaining({ name, ok: false, cure: expect.stringMatching(/\.$/) as string }),
    ]);
  });

  it('does not hold a tab against Android, and says what is better', () => {
    const checks = pageChecks({ ...well, surroundings: { ...fine, platform: 'android' } }, tp);
    expect(checks.every((c) => c.ok)).toBe(true);
    expect(checks.map((c) => c.say).join(' ')).toContain('Installed');
  });
});
