import { expect, test } from 'vitest';
import { branchOf } from '../../src/core/branches';

// u1 a1 u2 a2, then u2 edited (c, d), then u1 edited (e, f), then u2 of the old branch edited once more (g, h).
const all = [
  { id: '1' },
  { id: '1a' },
  { id: '2' },
  { id: '2a' },
  { id: 'c', branchOf: '2' },
  { id: 'd' },
  { id: 'e', branchOf: '1' },
  { id: 'f' },
  { id: 'g', branchOf: '2' },
  { id: 'h' },
];
const ids = (through?: string, of = all) => branchOf(of, through).entries.map((m) => m.id);

test('a thread without edits is read as it is', () => {
  const plain = all.slice(0, 4);
  expect(branchOf(plain).entries).toBe(plain);
});

test('the newest branch is read, from what its versions took the place of', () => {
  expect(ids(undefined, all.slice(0, 6))).toEqual(['1', '1a', 'c', 'd']);
  expect(ids(undefined, all.slice(0, 8))).toEqual(['e', 'f']);
  expect(ids()).toEqual(['1', '1a', 'g', 'h']);
});

test('every older version is reached, with what followed it', () => {
  expect(ids('2')).toEqual(['1', '1a', '2', '2a']);
  expect(ids('c')).toEqual(['1', '1a', 'c', 'd']);
  expect(ids('e')).toEqual(['e', 'f']);
  expect(ids('1')).toEqual(['1', '1a', 'g', 'h']);
  expect(branchOf(all, 'c').versions.get('c')).toEqual({ at: 2, of: 3, prev: '2', next: 'g' });
  expect(branchOf(all).versions.get('1')).toEqual({ at: 1, of: 2, prev: undefined, next: 'e' });
});

test('a first version that is not loaded, or was deleted, still counts', () => {
  const late = all.slice(4, 6);
  expect(ids(undefined, late)).toEqual(['c', 'd']);
  expect(branchOf(late).versions.get('c')).toEqual({ at: 2, of: 2, prev: '2', next: undefined });
});

test('a message that is not there leaves the newest branch', () => {
  expect(ids('zz')).toEqual(ids());
});
