import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutboxItem } from '../../src/core/outbox';
import type { Message, ServerEvent } from '../../src/core/protocol';
import { Db } from '../../src/store/db';
import { Drafts } from '../../src/store/drafts';
import { Outbox } from '../../src/store/outbox.svelte';
import { Records } from '../../src/store/records';
import { soon } from './soon';

let db: Db;
let n = 0;

beforeEach(async () => {
  localStorage.clear();
  db = await Db.open(`test-${n++}`);
});
afterEach(() => vi.unstubAllGlobals());

const message = (id: string, more: Partial<Message> = {}): Message => ({
  id,
  conversation: 'c1',
  role: 'assistant',
  status: 'done',
  text: `text ${id}`,
  attempt: 1,
  created: '2026-11-22T08:30:00.000Z',
  updated: '2026-11-22T08:30:00.000Z',
  ...more,
});

const stored = (id: string, seq: number): ServerEvent => ({ event: 'message', id: `e-${seq}`, data: message(id) });

describe('the record cache', () => {
  it('keeps records together with the cursor they lead to', async () => {
    const records = new Records(db);
    records.batch([stored('m1', 1), stored('m2', 2)], true);
    expect(await db.cursor()).toBeUndefined();
    await records.flush();
    expect(await db.cursor()).toBe('e-2');
    expect((await db.messages('c1', 9)).map((m) => m.id)).toEqual(['m1', 'm2']);
  });

  it('leaves the cursor behind for good once a write has failed, so that nothing is missed', async () => {
    const records = new Records(db);
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.spyOn(db, 'save').mockRejectedValueOnce(new Error('disk full'));
    records.batch([stored('m1', 1)], true);
    await records.flush();
    records.batch([stored('m2', 2)], true);
    await records.flush();
    expect(await db.cursor()).toBeUndefined();
    expect((await db.messages('c1', 9)).map((m) => m.id)).toEqual(['m2']);
  });

  it('writes nothing for a tab that only listens', async () => {
    const records = new Records(db);
    records.batch([stored('m1', 1)], false);
    await records.flush();
    expect(await db.messages('c1', 9)).toEqual([]);
    expect(records.model.messages.has('m1')).toBe(true);
  });

  it('forgets everything on a reset but drafts and what waits to be sent', async () => {
    const records = new Records(db);
    records.batch([stored('m1', 1)], true);
    await db.submit(item('1'), 'c1');
    await db.putDraft('c2', 'half a thought');
    await records.flush();
    await records.reset();
    expect(await db.cursor()).toBeUndefined();
    expect(await db.messages('c1', 9)).toEqual([]);
    expect((await db.boot()).drafts.get('c2')).toBe('half a thought');
    expect(await db.outbox()).toHaveLength(1);
  });

  it('a deleted conversation takes its stored messages with it', async () => {
    const records = new Records(db);
    records.batch([stored('m1', 1), { event: 'gone', id: 'e-2', data: { kind: 'conversation', id: 'c1' } }], true);
    await records.flush();
    expect(await db.messages('c1', 9)).toEqual([]);
  });

  it('gives pages of a thread, newest last, and finds words without a server', async () => {
    const records = new Records(db);
    const all = Array.from({ length: 9 }, (_, i) => stored(`m${i}`, i + 1));
    records.batch([...all, { event: 'message', id: 'e-99', data: message('x', { conversation: 'c2' }) }], true);
    await records.flush();
    expect((await db.messages('c1', 3)).map((m) => m.id)).toEqual(['m6', 'm7', 'm8']);
    expect((await db.messages('c1', 3, 'm6')).map((m) => m.id)).toEqual(['m3', 'm4', 'm5']);
    expect((await db.search('TEXT M4', 9)).map((m) => m.id)).toEqual(['m4']);
  });
});

describe('drafts', () => {
  it('are there at the next start, after each keystroke', async () => {
    const drafts = new Drafts(db, new Map());
    for (const text of ['h', 'ha', 'hal', 'half']) drafts.put('c1', text);
    drafts.put('c2', 'other');
    drafts.put('c2', '');
    await soon(async () => expect(Object.fromEntries((await db.boot()).drafts)).toEqual({ c1: 'half' }));
  });

  it('are there even when the page goes before IndexedDB has confirmed the last key', async () => {
    const never = { putDraft: () => new Promise<void>(() => {}) } as unknown as Db;
    const drafts = new Drafts(never, new Map());
    drafts.put('c1', 'half a thou');
    drafts.leave();
    const next = new Drafts(db, new Map([['c1', 'half a']]));
    expect(next.get('c1')).toBe('half a thou');
    await soon(async () => expect((await db.boot()).drafts.get('c1')).toBe('half a thou'));
    expect(new Drafts(db, new Map()).get('c1')).toBe('');
  });

  it('what was typed while a message was being kept stays', () => {
    const drafts = new Drafts(db, new Map([['c1', 'hello']]));
    drafts.taken('c1', 'hello');
    expect(drafts.get('c1')).toBe('');
    drafts.put('c1', 'hello and more');
    drafts.taken('c1', 'hello');
    expect(drafts.get('c1')).toBe('hello and more');
  });
});

const item = (id: string): OutboxItem => ({
  id,
  thread: 'c1',
  text: 'hi',
  zone: 'UTC',
  created: '2026-11-22T08:30:00.000Z',
  state: 'queued',
  tries: 0,
});

describe('the outbox', () => {
  /** Answers each call by the next of `replies`; an Error is a line that is down. */
  const serve = (...replies: (Response | Error)[]) => {
    const calls: { key: string | null; body: unknown }[] = [];
    vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => {
      calls.push({ key: new Headers(init.headers).get('Idempotency-Key'), body: JSON.parse(init.body as string) });
      const reply = replies.shift() ?? new TypeError('down');
      if (reply instanceof Error) throw reply;
      return reply;
    });
    return calls;
  };
  const accepted = (conversation: string, user: string) =>
    Response.json({ conversation, user_message: user, assistant_message: 'a1', status: 'pending', cursor: 'e-1' });
  const open = (items: OutboxItem[] = []) => {
    const records = new Records(db);
    const named: string[][] = [];
    const outbox = new Outbox({
      db,
      drafts: new Drafts(db, new Map()),
      records,
      items,
      named: (...ids) => named.push(ids),
      changed: () => {},
    });
    return { outbox, records, named };
  };

  it('takes a text and its draft in one step, before anything is sent', async () => {
    serve();
    const { outbox } = open();
    await db.putDraft('c1', 'hi');
    await outbox.submit('hi', 'c1', 'c1');
    expect((await db.outbox()).map((i) => i.text)).toEqual(['hi']);
    expect((await db.boot()).drafts.size).toBe(0);
  });

  it('keeps nothing back and lets go of nothing when IndexedDB refuses', async () => {
    const calls = serve();
    const { outbox } = open();
    vi.spyOn(db, 'submit').mockRejectedValueOnce(new Error('quota'));
    await expect(outbox.submit('hi', 'c1', 'c1')).rejects.toThrow('quota');
    expect(outbox.items).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('tries again with the same key, and is empty once the record is here', async () => {
    const calls = serve(new TypeError('down'), accepted('c1', 'm9'));
    const { outbox, records } = open();
    const sent = await outbox.submit('hi', 'c1', 'c1');
    await soon(() => expect(outbox.items[0]).toMatchObject({ state: 'queued', tries: 1 }));
    outbox.run();
    await soon(() => expect(outbox.items[0]).toMatchObject({ state: 'sent', message: 'm9' }));
    expect(calls.map((c) => c.key)).toEqual([sent.id, sent.id]);
    records.batch([{ event: 'message', id: 'e-2', data: message('m9', { role: 'user', text: 'hi' }) }], true);
    await soon(async () => expect(await db.outbox()).toEqual([]));
  });

  it('goes on after a reload with what an earlier page left', async () => {
    await db.submit({ ...item('01A'), state: 'sending', tries: 2 }, 'c1');
    const calls = serve(accepted('c1', 'm9'));
    const { outbox } = open(await db.outbox());
    outbox.run();
    await soon(() => expect(outbox.items[0]?.state).toBe('sent'));
    expect(calls[0]?.key).toBe('01A');
  });

  it('sends a second message of a new chat into the conversation that the first made', async () => {
    const calls = serve(new TypeError('down'), accepted('c7', 'm1'), accepted('c7', 'm2'));
    const { outbox, named } = open();
    const first = await outbox.submit('one', '', 'new');
    await soon(() => expect(outbox.items[0]?.tries).toBe(1));
    await outbox.submit('two', first.thread, first.thread);
    await soon(() => expect(outbox.items.map((i) => i.state)).toEqual(['sent', 'sent']));
    expect(named).toEqual([[first.thread, 'c7']]);
    expect(calls.map((c) => (c.body as { conversation?: string }).conversation)).toEqual([undefined, undefined, 'c7']);
  });

  it('keeps the text when this browser is not paired, and sends it once it is', async () => {
    serve(Response.json({ code: 'unauthorized', title: 'Who?', status: 401 }, { status: 401 }), accepted('c1', 'm1'));
    const { outbox } = open();
    await outbox.submit('hi', 'c1', 'c1');
    await soon(() => expect(outbox.items[0]).toMatchObject({ state: 'queued', text: 'hi' }));
    outbox.run();
    await soon(() => expect(outbox.items[0]?.state).toBe('sent'));
  });

  it('shows a refusal with its reason, and does not hold up what comes after', async () => {
    const refused = { code: 'too_long', title: 'Too long', detail: 'Write less.', status: 413 };
    serve(Response.json(refused, { status: 413 }), accepted('c1', 'm2'));
    const { outbox } = open();
    await outbox.submit('long', 'c1', 'c1');
    await soon(() => expect(outbox.items[0]).toMatchObject({ state: 'failed', problem: 'Write less.' }));
    await outbox.submit('short', 'c1', 'c1');
    await soon(() => expect(outbox.items.map((i) => i.state)).toEqual(['failed', 'sent']));
  });

  it('does not bring back what a person deleted while it was on its way', async () => {
    let answer = (_: Response) => {};
    vi.stubGlobal('fetch', () => new Promise<Response>((done) => (answer = done)));
    const { outbox } = open();
    const sending = await outbox.submit('hi', 'c1', 'c1');
    await soon(() => expect(outbox.items[0]?.state).toBe('sending'));
    await outbox.remove(sending.id);
    answer(Response.json({}, { status: 503 }));
    await soon(async () => expect(await db.outbox()).toEqual([]));
    expect(outbox.items).toEqual([]);
  });
});
