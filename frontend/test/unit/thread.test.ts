import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Message } from '../../src/core/protocol';
import { Db } from '../../src/store/db';
import { Records } from '../../src/store/records';
import { Thread } from '../../src/store/thread.svelte';
import { keep } from '../../src/sw/keep';

const message = (n: number, more: Partial<Message> = {}): Message => ({
  id: `M${n}`,
  conversation: 'C1',
  role: 'assistant',
  status: 'done',
  text: `text ${n}`,
  attempt: 0,
  created: `2026-11-22T10:00:0${n}.000Z`,
  updated: `2026-11-22T10:00:0${n}.000Z`,
  ...more,
});

beforeEach(() => (globalThis.indexedDB = new IDBFactory()));
afterEach(() => vi.unstubAllGlobals());

/** A thread of which the server has these messages. */
async function open(messages: Message[]) {
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify({ messages, more: false, cursor: 'e-1' })));
  const db = await Db.open();
  const thread = new Thread('C1', new Records(db), db, undefined);
  await thread.open();
  await thread.verify();
  return thread;
}

it('what a push kept is shown, gives way to the whole message, and stands there once', async () => {
  await keep({ ...message(1, { text: 'text…' }) });
  const thread = await open([message(1)]);
  expect(thread.entries.map((e) => e.message.text)).toEqual(['text 1']);
});

it('what a push kept of a message that was deleted goes again, and nothing else does', async () => {
  await keep({ ...message(1) });
  await keep({ ...message(3) });
  const thread = await open([message(2), message(3)]);
  expect(thread.entries.map((e) => e.id)).toEqual(['M2', 'M3']);
});

it('what a push kept can be read without a line', async () => {
  await keep({ ...message(1, { text: 'text…' }) });
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  const db = await Db.open();
  const thread = new Thread('C1', new Records(db), db, undefined);
  await thread.open();
  expect(thread.entries.map((e) => e.message.text)).toEqual(['text…']);
});
