import { describe, expect, it } from 'vitest';
import { backoff } from '../../src/core/backoff';
import { laterCursor, parseCursor } from '../../src/core/cursor';
import { ulid } from '../../src/core/ids';
import { sortConversations } from '../../src/core/order';
import { adoptThread, decide, nextOfEachThread, stillToShow, type OutboxItem } from '../../src/core/outbox';
import type { Conversation, Message } from '../../src/core/protocol';
import { buildRows } from '../../src/core/rows';
import { badgeCount, firstUnread } from '../../src/core/unread';

const item = (id: string, more: Partial<OutboxItem> = {}): OutboxItem => ({
  id,
  thread: 'c1',
  text: `text ${id}`,
  zone: 'UTC',
  created: '2026-11-22T08:30:00.000Z',
  state: 'queued',
  tries: 0,
  ...more,
});

const user = (id: string, text: string): Message => ({
  id,
  conversation: 'c1',
  role: 'user',
  status: 'done',
  text,
  attempt: 1,
  created: '2026-11-22T08:30:00.000Z',
  updated: '2026-11-22T08:30:00.000Z',
});

describe('a try to send', () => {
  it('is repeated after no answer and after every fault that may pass', () => {
    for (const status of [0, 408, 425, 429, 500, 502, 503, 507]) {
      expect(decide({ status }, 0, () => 0)).toEqual({ do: 'wait', wait: 400 });
    }
    expect(decide({ status: 503, retryAfter: 7000 }, 3)).toEqual({ do: 'wait', wait: 7000 });
  });

  it('waits for pairing when this browser is not known, and keeps the text', () => {
    expect(decide({ status: 401 }, 0)).toEqual({ do: 'pair' });
  });

  it('fails with its reason when the server refuses this very message', () => {
    expect(decide({ status: 413, detail: 'Too long.' }, 0)).toEqual({ do: 'fail', problem: 'Too long.' });
    expect(decide({ status: 409, code: 'idempotency_key_reused' }, 0)).toEqual({
      do: 'fail',
      problem: 'idempotency_key_reused',
    });
  });
});

describe('the outbox', () => {
  it('sends the oldest of each thread first, and passes over what failed', () => {
    const items = [item('3'), item('1'), item('2', { thread: 'c2' }), item('0', { state: 'failed' })];
    expect(nextOfEachThread(items).map((i) => i.id)).toEqual(['1', '2']);
  });

  it('sends all that was typed into a new chat to the conversation that the first made', () => {
    const items = adoptThread([item('1', { thread: '~1' }), item('2', { thread: '~1' }), item('3')], '~1', 'c9');
    expect(items.map((i) => i.thread)).toEqual(['c9', 'c9', 'c1']);
  });

  it('hides an item as soon as its record is here, even before the answer to its own call', () => {
    const sending = item('1', { state: 'sending', text: 'hi', after: 'm5' });
    expect(stillToShow([sending], [user('m4', 'hi')])).toHaveLength(1);
    expect(stillToShow([sending], [user('m6', 'hi')])).toHaveLength(0);
    expect(stillToShow([item('2', { state: 'sent', message: 'm7' })], [user('m7', 'x')])).toHaveLength(0);
  });

  it('shows the second of two equal messages when only the first has arrived', () => {
    const twice = ['1', '2'].map((id) => item(id, { state: 'sending', text: 'hi' }));
    expect(stillToShow(twice, [user('m6', 'hi')]).map((i) => i.id)).toEqual(['2']);
  });
});

describe('waiting between tries', () => {
  it('doubles up to the longest wait, never below half of it', () => {
    const options = { first: 100, longest: 1000 };
    expect([0, 1, 2, 3, 4, 99].map((n) => backoff(n, { ...options, random: () => 1 }))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(backoff(2, { ...options, random: () => 0 })).toBe(200);
  });
});

describe('a cursor', () => {
  it('is an epoch and a number; the epoch may have dashes', () => {
    expect(parseCursor('a-b-17')).toEqual({ epoch: 'a-b', seq: 17 });
    for (const bad of [undefined, '', '17', '-17', 'a-', 'a-1x', 'a--1x']) expect(parseCursor(bad)).toBeUndefined();
  });

  it('never goes back within an epoch, and follows a new one', () => {
    expect(laterCursor('e-10', 'e-9')).toBe('e-10');
    expect(laterCursor('e-9', 'e-10')).toBe('e-10');
    expect(laterCursor('e-10', 'f-1')).toBe('f-1');
    expect(laterCursor(undefined, 'f-1')).toBe('f-1');
    expect(laterCursor('e-1', 'nonsense')).toBe('e-1');
  });
});

describe('client ids', () => {
  it('are ULIDs that sort by time', () => {
    const low = new Uint8Array(16);
    const high = new Uint8Array(16).fill(255);
    expect(ulid(0, low)).toBe('0'.repeat(26));
    expect(ulid(1_763_800_000_000, high) < ulid(1_763_800_000_001, low)).toBe(true);
    expect(ulid(Date.now(), high)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });
});

const conversation = (id: string, more: Partial<Conversation> = {}): Conversation => ({
  id,
  title: id,
  inbox: false,
  unread: 0,
  archived: false,
  muted: false,
  created: '2026-11-01T00:00:00.000Z',
  updated: '2026-11-01T00:00:00.000Z',
  ...more,
});

describe('the conversation list', () => {
  it('has the inbox first, then the newest, and ties that do not swap', () => {
    const list = [
      conversation('a', { last_at: '2026-11-02T00:00:00.000Z' }),
      conversation('b', { last_at: '2026-11-03T00:00:00.000Z' }),
      conversation('c', { last_at: '2026-11-03T00:00:00.000Z' }),
      conversation('in', { inbox: true, last_at: '2026-10-01T00:00:00.000Z' }),
    ];
    expect(sortConversations(list).map((c) => c.id)).toEqual(['in', 'c', 'b', 'a']);
  });

  it('counts for the badge only what is neither muted nor archived', () => {
    const list = [
      conversation('a', { unread: 2 }),
      conversation('b', { unread: 5, muted: true }),
      conversation('c', { unread: 7, archived: true }),
    ];
    expect(badgeCount(list)).toBe(2);
  });
});

describe('the unread divider', () => {
  const thread = [
    { id: '1', role: 'assistant' as const },
    { id: '2', role: 'user' as const },
    { id: '3', role: 'assistant' as const },
    { id: '4', role: 'assistant' as const },
  ];

  it('stands above the first message after the last read one, not above one of your own', () => {
    expect(firstUnread(thread, 2, '1')).toBe('3');
    expect(firstUnread(thread, 0, '1')).toBeUndefined();
  });

  it('counts from the end when nobody knows where reading stopped', () => {
    expect(firstUnread(thread, 1)).toBe('4');
    expect(firstUnread(thread, 9)).toBe('1');
  });
});

describe('the lines of a thread', () => {
  const entry = (id: string, role: 'user' | 'assistant', created: string) => ({ id, role, created });

  it('have a day above each day, in the zone of the reader', () => {
    const entries = [entry('1', 'user', '2026-11-21T22:30:00.000Z'), entry('2', 'user', '2026-11-21T23:30:00.000Z')];
    const kinds = (zone: string) => buildRows(entries, [], { place: { zone } }).map((r) => r.kind);
    expect(kinds('Europe/Berlin')).toEqual(['day', 'message', 'day', 'message']);
    expect(kinds('UTC')).toEqual(['day', 'message', 'message']);
  });

  it('keep a run of one speaker together, and end with what waits to be sent', () => {
    const entries = [
      entry('1', 'user', '2026-11-22T08:00:00.000Z'),
      entry('2', 'user', '2026-11-22T08:01:00.000Z'),
      entry('3', 'assistant', '2026-11-22T08:01:30.000Z'),
    ];
    const rows = buildRows(entries, [item('9', { created: '2026-11-22T08:02:00.000Z' })], {
      unread: '3',
      place: { zone: 'UTC' },
    });
    expect(rows.map((r) => r.key)).toEqual(['day-2026-11-22', '1', '2', 'unread', '3', 'out-9']);
    const ends = rows.flatMap((r) => ('first' in r ? [[r.first, r.last]] : []));
    expect(ends).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });
});
