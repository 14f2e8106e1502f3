import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/core/protocol';
import { Db } from '../../src/store/db';
import { PushDb, type Receipt } from '../../src/store/pushdb';
import { actsOf } from '../../src/sw/acts';
import { keep } from '../../src/sw/keep';
import { flush, report, type ReceiptWorld } from '../../src/sw/receipts';

const origin = 'http://127.0.0.1:4275';
beforeEach(() => (globalThis.indexedDB = new IDBFactory()));

const record = {
  id: 'M1',
  conversation: 'C1',
  role: 'assistant',
  status: 'done',
  text: 'Take the…',
  source: { kind: 'fire', name: 'oven' },
  created: '2026-11-22T10:00:00.000Z',
  cut: true,
};
const full: Message = {
  ...record,
  role: 'assistant',
  status: 'done',
  text: 'Take the bread out',
  attempt: 0,
  updated: record.created,
  cut: undefined,
};
const save = async (messages: Message[]) => {
  const db = await Db.open();
  await db.save({ conversations: [], messages, gone: [] });
};
const stored = async () => (await Db.open()).messages('C1', 10);

describe('the message of a push', () => {
  it('is where the page looks for it, also when no page has ever been open', async () => {
    await keep(record);
    expect(await stored()).toEqual([expect.objectContaining({ id: 'M1', text: 'Take the…', cut: true })]);
  });

  it('never takes the place of a whole one', async () => {
    await save([full]);
    await keep({ ...record, text: 'Take' });
    expect((await stored()).map((m) => m.text)).toEqual(['Take the bread out']);
  });

  it('gives way to the whole one', async () => {
    await keep(record);
    await save([full]);
    expect((await stored()).map((m) => [m.text, m.cut])).toEqual([['Take the bread out', undefined]]);
  });

  it.each([{}, { id: 'M1' }, { ...record, created: 7 }])('that is none (%j) is left alone', async (odd) => {
    await keep(odd);
    expect(await stored()).toEqual([]);
  });
});

describe('a receipt', () => {
  const shown: Receipt = { receipt: 'M1.D1.mac', event: 'shown' };

  function world(answers: (number | 'none')[]) {
    const sent: [string, boolean | undefined, Receipt][] = [];
    const db = new PushDb();
    const w: ReceiptWorld = {
      fetch: async (path, init) => {
        const answer = answers.shift() ?? 204;
        if (answer === 'none') throw new TypeError('Failed to fetch');
        sent.push([path, init.keepalive, JSON.parse(init.body as string) as Receipt]);
        return new Response(null, { status: answer });
      },
      addReceipt: (r) => db.addReceipt(r),
      receipts: () => db.receipts(),
      dropReceipt: (key) => db.dropReceipt(key),
    };
    return { w, sent, kept: async () => (await db.receipts()).map(([, r]) => r) };
  }

  it('goes out as the server expects it, and survives the worker', async () => {
    const { w, sent, kept } = world([204]);
    await report(shown, w);
    expect(sent).toEqual([['/api/push/receipt', true, shown]]);
    expect(await kept()).toEqual([]);
  });

  it('is tried once more, then kept until there is a line', async () => {
    const first = world(['none', 204]);
    await report(shown, first.w);
    expect(first.sent).toHaveLength(1);
    const { w, sent, kept } = world(['none', 503, 204, 204]);
    await report(shown, w);
    expect(await kept()).toEqual([shown]);
    await flush(w);
    expect(await kept()).toEqual([]);
    expect(sent).toHaveLength(2);
  });

  it('brings the kept ones along with the next one', async () => {
    const { w, sent, kept } = world(['none', 'none']);
    await report(shown, w);
    await report({ ...shown, event: 'clicked' }, w);
    expect(sent.map(([, , body]) => body.event)).toEqual(['clicked', 'shown']);
    expect(await kept()).toEqual([]);
  });

  it('that the server refuses is not sent for ever', async () => {
    const { w, sent, kept } = world([403]);
    await report(shown, w);
    expect(sent).toHaveLength(1);
    expect(await kept()).toEqual([]);
  });

  it('is forgotten after a week, and only the newest 200 are kept', async () => {
    const db = new PushDb();
    await db.addReceipt(shown, Date.now() - 8 * 86_400_000);
    expect(await db.receipts()).toEqual([]);
    for (let n = 0; n < 205; n++) await db.addReceipt({ ...shown, receipt: `r${n}` });
    const left = await db.receipts();
    expect(left.length).toBeLessThanOrEqual(200);
    expect(left.at(-1)?.[1].receipt).toBe('r204');
  });
});

describe('where a tap leads', () => {
  const opening = { navigate: '/?c=C1&m=M1', message: 'M1', conversation: 'C1' };

  it('is told once, and only for a minute', async () => {
    const db = new PushDb();
    await db.setOpening(opening);
    expect(await db.takeOpening()).toEqual(opening);
    expect(await db.takeOpening()).toBeUndefined();
    await db.setOpening(opening, Date.now() - 61_000);
    expect(await db.takeOpening()).toBeUndefined();
  });
});

describe('the acts of a push', () => {
  const buttons = [
    { action: 'done', title: 'Done' },
    { action: 'look', title: 'Look', navigate: '/?c=C1' },
    { action: 'leave', title: 'Leave', navigate: 'https://evil.example/' },
  ];

  it('know their words, and lead nowhere but into this server’s API or app', () => {
    expect(actsOf({ done: { path: '/api/reminders/R1/done', body: { a: 1 } } }, buttons, origin)).toEqual({
      done: { title: 'Done', path: '/api/reminders/R1/done', body: { a: 1 } },
      look: { title: 'Look', navigate: '/?c=C1' },
      leave: { title: 'Leave', navigate: '/' },
    });
  });

  it.each([
    'https://evil.example/api/x',
    '//evil.example/api/x',
    '/apix',
    '/',
    '/api/../../pair',
    '/api/%2e%2e/x',
    '\\\\evil.example\\api',
    '',
    undefined,
    7,
  ])('of the path %j are refused', (path) => {
    expect(actsOf({ done: { path } }, [], origin)).toBeUndefined();
  });
});
