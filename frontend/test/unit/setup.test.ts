import { expect, test } from 'vitest';
import { needsTrial, tokensByDay, type ModelSetup } from '../../src/core/setup';

const used = (day: string, source: string, input: number) => ({
  day,
  source,
  turns: 1,
  calls: 1,
  input,
  output: 1,
  ms: 1,
});

test('usage has a row for every day, also over a month end and for days without any', () => {
  const list = [used('2026-02-27', 'chat', 9), used('2026-03-01', 'fire', 4), used('2026-03-01', 'reminder', 4)];
  expect(tokensByDay([...list, used('2026-01-01', 'chat', 1)], '2026-03-01', 3)).toEqual([
    { day: '2026-02-27', chat: 10, alone: 0, turns: 1 },
    { day: '2026-02-28', chat: 0, alone: 0, turns: 0 },
    { day: '2026-03-01', chat: 0, alone: 10, turns: 2 },
  ]);
});

test('a model is tried again unless only its name has changed', () => {
  const old: ModelSetup = { id: 'm', name: 'A', kind: 'openai', url: 'http://a', model: 'x', key_set: true };
  const { id, name, kind, url, model } = old;
  const now = { id, name, kind, url, model };
  expect(needsTrial(old, { ...now, name: 'B' })).toBe(false);
  expect(needsTrial(old, { ...now, url: ' http://a ' })).toBe(false);
  for (const change of [{ url: 'http://b' }, { model: 'y' }, { key: 'k' }, { kind: 'anthropic' }]) {
    expect(needsTrial(old, { ...now, ...change })).toBe(true);
  }
  expect(needsTrial(undefined, now)).toBe(true);
});
