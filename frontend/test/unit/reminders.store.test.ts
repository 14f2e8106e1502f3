import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Reminder } from '../../src/core/reminders';
import { Preview } from '../../src/store/preview.svelte';
import { Reminders } from '../../src/store/reminders.svelte';

const reminder = (id: string, more: Partial<Reminder> = {}): Reminder => ({
  id,
  text: `text ${id}`,
  schedule: '0 9 * * *',
  zone: 'Europe/Berlin',
  state: 'active',
  kind: 'message',
  created: '2026-11-01T00:00:00.000Z',
  updated: '2026-11-01T00:00:00.000Z',
  ...more,
});

type Answer = { status?: number; body?: unknown; wait?: Promise<unknown> };
let asked: { method: string; path: string; body: unknown }[];
let answers: Record<string, Answer | ((body: never) => Answer)>;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answers = {};
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const body: unknown = init.body ? JSON.parse(String(init.body)) : undefined;
    asked.push({ method: init.method ?? '', path, body });
    const found = answers[`${init.method} ${path}`];
    const answer = typeof found === 'function' ? found(body as never) : (found ?? { status: 204 });
    await answer.wait;
    init.signal?.throwIfAborted();
    const text = answer.body === undefined ? null : JSON.stringify(answer.body);
    return new Response(text, { status: answer.status ?? 200 });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const loaded = async (...all: Reminder[]) => {
  answers['GET /api/reminders'] = { body: { reminders: all, cursor: 'e-1' } };
  const store = new Reminders();
  await store.load();
  return store;
};

describe('the reminders', () => {
  test('an answer that is older than the event it caused changes nothing', async () => {
    const store = await loaded(reminder('a'));
    const newer = reminder('a', { state: 'done', updated: '2026-11-02T00:00:01.000Z' });
    answers['POST /api/reminders/a/pause'] = { body: reminder('a', { updated: '2026-11-02T00:00:00.000Z' }) };
    store.heard([{ event: 'reminder', data: newer }]);
    await store.act('a', 'pause');
    expect(store.get('a')?.state).toBe('done');
  });
  test('what is gone on the server leaves the list', async () => {
    const store = await loaded(reminder('a'), reminder('b'));
    store.heard([{ event: 'gone', data: { kind: 'reminder', id: 'a' } }]);
    expect(store.groups.next.map((r) => r.id)).toEqual(['b']);
  });
  test('a failed load keeps what was there', async () => {
    const store = await loaded(reminder('a'));
    answers['GET /api/reminders'] = { status: 503, body: {} };
    await store.load();
    expect([store.state, store.groups.next.length]).toEqual(['failed', 1]);
  });
  test('offline the list is what it last was, and after a failed first load the next one counts', async () => {
    const kept = new Map<string, string>();
    const cache = {
      kept: async (name: string) => kept.get(name),
      keep: async (name: string, text: string) => void kept.set(name, text),
    };
    answers['GET /api/reminders'] = { body: { reminders: [reminder('a')], cursor: 'e-1' } };
    const before = new Reminders(cache);
    await before.load();
    await vi.advanceTimersByTimeAsync(2_000);
    answers['GET /api/reminders'] = { status: 503, body: {} };
    const store = new Reminders(cache);
    await store.load();
    expect([store.state, store.groups.next.map((r) => r.id)]).toEqual(['failed', ['a']]);
    answers['GET /api/reminders'] = { body: { reminders: [], cursor: 'e-2' } };
    await store.load();
    expect([store.state, store.empty]).toEqual(['ready', true]);
  });
  test('a deleted reminder is gone at once, and undo makes the same one again, paused if it was', async () => {
    const paused = reminder('a', { state: 'paused', priority: 5, nag: { every_s: 600, max: 3 } });
    const store = await loaded(paused);
    const undo = await store.delete('a', 10_000);
    expect(asked.at(-1)).toMatchObject({ method: 'DELETE', path: '/api/reminders/a' });
    answers['POST /api/reminders'] = { status: 201, body: reminder('b') };
    answers['POST /api/reminders/b/pause'] = { body: reminder('b', { state: 'paused' }) };
    await undo();
    expect(asked.at(-2)?.body).toEqual({
      text: 'text a',
      schedule: '0 9 * * *',
      zone: 'Europe/Berlin',
      kind: 'message',
      priority: 5,
      nag: { every_s: 600, max: 3 },
    });
    expect(store.groups.next.map((r) => [r.id, r.state])).toEqual([['b', 'paused']]);
  });
  test('one that is over is hidden first and deleted when there is no undo any more', async () => {
    const store = await loaded(reminder('a', { state: 'done' }), reminder('b', { state: 'done' }));
    const undo = await store.delete('a', 10_000);
    await store.delete('b', 10_000);
    expect(store.groups.done).toHaveLength(0);
    await undo();
    expect(store.groups.done.map((r) => r.id)).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked.filter((a) => a.method === 'DELETE').map((a) => a.path)).toEqual(['/api/reminders/b']);
  });
});

describe('the preview', () => {
  const say = (phrase: string) => ({ text: phrase, schedule: 's', zone: 'UTC', next: [], say: phrase });

  test('asks once for a burst of keys, about the last', async () => {
    answers['POST /api/reminders/preview'] = (body: { phrase: string }) => ({ body: say(body.phrase) });
    const preview = new Preview();
    for (const phrase of ['t', 'to', 'tomorrow at 9']) preview.ask(phrase, 'UTC');
    expect(preview.busy).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toHaveLength(1);
    expect([preview.busy, preview.reading?.say]).toEqual([false, 'tomorrow at 9']);
  });
  test('an answer that comes after newer words were typed is not shown', async () => {
    let release = () => {};
    const slow = new Promise<void>((ok) => (release = ok));
    answers['POST /api/reminders/preview'] = (body: { phrase: string }) =>
      body.phrase === 'old' ? { body: say('old'), wait: slow } : { body: say('new') };
    const preview = new Preview();
    preview.ask('old', 'UTC');
    await vi.advanceTimersByTimeAsync(300);
    preview.ask('new', 'UTC');
    await vi.advanceTimersByTimeAsync(300);
    release();
    await vi.advanceTimersByTimeAsync(300);
    expect(preview.reading?.say).toBe('new');
  });
  test('an ambiguous phrase gives its readings to choose from, and one that is complete is taken as it is', async () => {
    const choices = [say('at 15:00'), { say: 'at 03:00', phrase: 'stretch at 3 am' }];
    answers['POST /api/reminders/preview'] = {
      status: 422,
      body: { code: 'ambiguous', detail: 'Morning or afternoon?', choices },
    };
    const preview = new Preview();
    preview.ask('stretch at 3', 'UTC');
    await vi.advanceTimersByTimeAsync(300);
    expect([preview.help, preview.choices.length, preview.reading]).toEqual(['Morning or afternoon?', 2, undefined]);
    expect(preview.take({ say: 'at 03:00', phrase: 'stretch at 3 am' })).toBe('stretch at 3 am');
    expect(preview.take(say('at 15:00'))).toBeUndefined();
    expect([preview.reading?.say, preview.choices.length]).toEqual(['at 15:00', 0]);
  });
  test('an emptied field shows nothing and asks nothing', async () => {
    const preview = new Preview();
    preview.ask('tomorrow', 'UTC');
    preview.ask('  ', 'UTC');
    await vi.advanceTimersByTimeAsync(500);
    expect([asked.length, preview.busy, preview.help]).toEqual([0, false, '']);
  });
});
