import { describe, expect, test } from 'vitest';
import { argumentsOf, beginningOf, newlyAsked, partsOf, stopwatch, toolName, type Step } from '../../src/core/steps';
import { visible } from '../../src/core/visible';

const step = (n: number, at: number, more: Partial<Step> = {}): Step => ({
  n,
  kind: 'tool',
  tool: 'recall',
  args: '{}',
  status: 'done',
  at,
  ms: 0,
  ...more,
});
const outline = (text: string, steps: Step[]) => partsOf(text, steps).map((p) => p.text ?? p.steps?.map((s) => s.n));

describe('steps of a reply', () => {
  test('stand in the text where they were taken', () => {
    expect(outline('Look.\n\nFound.', [step(2, 7), step(3, 7), step(4, 13)])).toEqual([
      'Look.\n\n',
      [2, 3],
      'Found.',
      [4],
    ]);
  });
  test('stand together where only blank text is between them', () => {
    expect(outline('\n\n', [step(2, 0), step(3, 2)])).toEqual([[2, 3]]);
  });
  test('are shown even when their place has not arrived yet', () => {
    expect(outline('Lo', [step(2, 90), step(3, 40)])).toEqual(['Lo', [2, 3]]);
  });
  test('are asked about once, when they begin to ask', () => {
    const asking = step(2, 0, { status: 'waiting', approval: { risk: 'first_use', expires: '' } });
    expect(newlyAsked(undefined, [asking])).toEqual([asking]);
    expect(newlyAsked([asking], [asking])).toEqual([]);
    expect(newlyAsked([asking], [{ ...asking, status: 'error' }])).toEqual([]);
  });
});

describe('what a step was called with', () => {
  test('is told by name, in plain text', () => {
    expect(argumentsOf('{"text":"a\\nb","n":2,"to":["x"]}')).toEqual([
      { name: 'text', value: 'a\nb' },
      { name: 'n', value: '2' },
      { name: 'to', value: '[\n  "x"\n]' },
    ]);
  });
  test('is shown as it is when it was cut off or is no object', () => {
    expect(argumentsOf('{"text":"a')).toBeUndefined();
    expect(argumentsOf('[1]')).toBeUndefined();
    expect(argumentsOf('')).toEqual([]);
  });
  test('is read as it will be run: nothing turns its letters round or hides in it', () => {
    expect(argumentsOf('{"pa\u200bth":"/tmp/\\u202etxt.exe","to":["a\u2066b"]}')).toEqual([
      { name: 'pa⟨U+200B⟩th', value: '/tmp/⟨U+202E⟩txt.exe' },
      { name: 'to', value: '[\n  "a⟨U+2066⟩b"\n]' },
    ]);
    expect(toolName('files__re\u202ead')).toEqual({ server: 'files', name: 're⟨U+202E⟩ad' });
    expect(visible('a\u{e0041}\u2028\u3164\u0007b\r')).toBe('a⟨U+E0041⟩⟨U+2028⟩⟨U+3164⟩⟨U+0007⟩b⟨U+000D⟩');
    const seen = 'I ❤️ 👨‍👩‍👧 می‌خواهم\n\té, дом, 家, \u0600';
    expect(visible(seen)).toBe(seen);
    expect(visible('a\u200cb❤️\ufe0f\u200d')).toBe('a⟨U+200C⟩b❤️⟨U+FE0F⟩⟨U+200D⟩');
  });
  test('names the tool in words, and its server', () => {
    expect(toolName('files__read_text_file')).toEqual({ server: 'files', name: 'read text file' });
    expect(toolName('__odd')).toEqual({ server: undefined, name: 'odd' });
  });
});

describe('a clock', () => {
  test('runs in minutes, then hours, and never backwards past zero', () => {
    expect([-500, 7_900, 750_000, 3_723_000].map(stopwatch)).toEqual(['0:00', '0:07', '12:30', '1:02:03']);
  });
});

describe('long output', () => {
  test('is cut after so many lines or units, and not when it is short', () => {
    expect(beginningOf('a\nb', 2, 10)).toBeUndefined();
    expect(beginningOf('a\nb\nc', 2, 10)).toBe('a\nb');
    expect(beginningOf('abcdef', 2, 4)).toBe('abcd');
    expect(beginningOf('abc😀', 2, 4)).toBe('abc');
  });
});
