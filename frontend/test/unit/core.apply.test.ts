import { describe, expect, it } from 'vitest';
import { apply, emptyModel, keepOnly, putMessage, type Model } from '../../src/core/apply';
import { applyDelta, mergeMessage, messageWithDelta } from '../../src/core/merge';
import type { Message, ServerEvent } from '../../src/core/protocol';

const at = (s: number) => new Date(Date.UTC(2026, 10, 22, 8, 30, s)).toISOString();

const message = (more: Partial<Message> = {}): Message => ({
  id: 'm1',
  conversation: 'c1',
  role: 'assistant',
  status: 'streaming',
  text: '',
  source: { kind: 'chat' },
  attempt: 1,
  created: at(0),
  updated: at(0),
  ...more,
});

const delta = (from: number, text: string, attempt = 1): ServerEvent => ({
  event: 'delta',
  data: { message: 'm1', attempt, at: from, text },
});

const with1 = (more?: Partial<Message>): Model => {
  const model = emptyModel();
  putMessage(model, message(more));
  return model;
};

const text = (model: Model) => model.messages.get('m1')?.text;

describe('a delta', () => {
  it('keeps the first units of the text and appends', () => {
    expect(applyDelta('Once upon', { at: 9, text: ' a time' })).toBe('Once upon a time');
    expect(applyDelta('Once upno', { at: 7, text: 'on' })).toBe('Once upon');
    expect(applyDelta('old', { at: 0, text: 'new text' })).toBe('new text');
  });

  it('counts in UTF-16 units, so a moon is two and a family is eleven', () => {
    expect(applyDelta('🌙', { at: 2, text: ' rises' })).toBe('🌙 rises');
    const family = '👨‍👩‍👧‍👦';
    expect(applyDelta(family, { at: family.length, text: '!' })).toBe(`${family}!`);
    expect(family.length).toBe(11);
  });

  it('beyond the end of the text changes nothing and asks for the whole message', () => {
    const model = with1({ text: 'abc' });
    expect(apply(model, delta(7, 'xyz'))).toEqual({ kind: 'gap', id: 'm1' });
    expect(text(model)).toBe('abc');
  });

  it('for a message never seen asks for it, unless it was deleted', () => {
    const model = emptyModel();
    expect(apply(model, delta(0, 'x'))).toEqual({ kind: 'gap', id: 'm1' });
    apply(model, { event: 'gone', data: { kind: 'message', id: 'm1' } });
    expect(apply(model, delta(0, 'x'))).toBeUndefined();
  });

  it('after the end of the reply, or of an attempt before, is ignored', () => {
    const done = message({ status: 'done', text: 'The end' });
    expect(messageWithDelta(done, { message: 'm1', attempt: 1, at: 0, text: 'x' })).toBe(done);
    const second = message({ attempt: 2, text: 'again' });
    expect(messageWithDelta(second, { message: 'm1', attempt: 1, at: 5, text: 'x' })).toBe(second);
  });

  it('of a newer attempt starts from nothing', () => {
    const model = with1({ text: 'first try' });
    apply(model, delta(0, 'second', 2));
    expect(text(model)).toBe('second');
    expect(apply(model, delta(3, 'x', 3))).toEqual({ kind: 'gap', id: 'm1' });
  });
});

describe('each event applied twice', () => {
  const events: ServerEvent[] = [
    { event: 'message', id: 'e-1', data: message({ id: 'm0', role: 'user', status: 'done', text: 'hi' }) },
    { event: 'message', id: 'e-2', data: message({ text: 'Once ' }) },
    delta(5, 'upon 🌙'),
    delta(12, ' a time'),
    { event: 'message', id: 'e-3', data: message({ status: 'done', text: 'Once upon 🌙 a time.', updated: at(9) }) },
    { event: 'gone', id: 'e-4', data: { kind: 'message', id: 'm0' } },
  ];

  it('leaves the same as applied once, at every step', () => {
    const once = emptyModel();
    const twice = emptyModel();
    for (const ev of events) {
      apply(once, ev);
      apply(twice, ev);
      apply(twice, ev);
      expect(twice).toEqual(once);
    }
    expect(text(once)).toBe('Once upon 🌙 a time.');
  });

  it('and a whole replay after a reconnect too', () => {
    const model = emptyModel();
    for (const ev of [...events, ...events.filter((e) => e.id)]) apply(model, ev);
    expect(text(model)).toBe('Once upon 🌙 a time.');
    expect(model.messages.has('m0')).toBe(false);
  });
});

describe('two states of one message', () => {
  it('the later one wins, in whatever order they come', () => {
    const early = message({ text: 'a', updated: at(1) });
    const late = message({ status: 'done', text: 'ab', updated: at(2) });
    expect(mergeMessage(early, late)).toBe(late);
    expect(mergeMessage(late, early)).toBe(late);
  });

  it('a retry wins over the attempt before, even when clocks disagree', () => {
    const failed = message({ status: 'error', text: 'half', updated: at(9) });
    const again = message({ status: 'pending', attempt: 2, updated: at(1) });
    expect(mergeMessage(failed, again)).toBe(again);
    expect(mergeMessage(again, failed)).toBe(again);
  });

  it('a checkpoint never takes back text that was already shown', () => {
    const shown = message({ text: 'Once upon a time' });
    const checkpoint = message({ text: 'Once upon', updated: at(1) });
    expect(mergeMessage(shown, checkpoint).text).toBe('Once upon a time');
    const rewritten = message({ text: 'Twice', updated: at(1) });
    expect(mergeMessage(shown, rewritten).text).toBe('Twice');
  });

  it('a deleted message does not come back with a page that was under way', () => {
    const model = with1();
    apply(model, { event: 'gone', data: { kind: 'message', id: 'm1' } });
    expect(putMessage(model, message())).toBeUndefined();
    expect(model.messages.size).toBe(0);
  });
});

it('closing a thread forgets its messages but not a reply that still runs', () => {
  const model = with1({ text: 'running' });
  putMessage(model, message({ id: 'm2', status: 'done' }));
  putMessage(model, message({ id: 'm3', status: 'done', conversation: 'c2' }));
  keepOnly(model, 'c2');
  expect([...model.messages.keys()]).toEqual(['m1', 'm3']);
});

it('a conversation takes its messages with it', () => {
  const model = with1();
  expect(apply(model, { event: 'gone', data: { kind: 'conversation', id: 'c1' } })).toEqual({
    kind: 'gone-conversation',
    id: 'c1',
  });
  expect(model.messages.size).toBe(0);
});
