import { describe, expect, it } from 'vitest';
import { corpus, full, mount, random } from './markdown.helpers';

function pieces(text: string, next: () => number, longest: number): string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length;) {
    const size = 1 + Math.floor(next() * longest);
    out.push(text.slice(at, at + size));
    at += size;
  }
  return out;
}

function shuffled(next: () => number): string {
  return [...corpus]
    .map((part) => [next(), part] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, part]) => part)
    .join('');
}

describe('a streamed text', () => {
  it('looks after every character as if it had been drawn at once', () => {
    for (const part of corpus) {
      const { host, renderer } = mount();
      for (let end = 1; end <= part.length; end++) {
        renderer.update(part.slice(0, end), false);
        expect(host.innerHTML, JSON.stringify(part.slice(0, end))).toBe(full(part.slice(0, end), false));
      }
    }
  });

  it.each(Array.from({ length: 25 }, (_, n) => n))(
    'equals the full parse at every step, whatever the pieces (seed %i)',
    (seed) => {
      const next = random(seed);
      const text = shuffled(next);
      const { host, renderer } = mount();
      let sofar = '';
      for (const piece of pieces(text, next, 60)) {
        sofar += piece;
        renderer.update(sofar, false);
        if (next() < 0.2) expect(host.innerHTML).toBe(full(sofar, false));
      }
      renderer.update(text, true);
      expect(host.innerHTML).toBe(full(text));
    },
  );

  it('keeps finished blocks as the same nodes, so that a selection in them survives', () => {
    const { host, renderer } = mount();
    renderer.update('# One\n\nTwo\n\n- a\n- b\n\nThree', false);
    const before = [...host.children];
    renderer.update('# One\n\nTwo\n\n- a\n- b\n\nThree and more\n\nFour', false);
    expect(host.children.length).toBe(5);
    for (const n of [0, 1, 2]) expect(host.children[n]).toBe(before[n]);
  });

  it('lets a growing code block keep its node and its text node', () => {
    const { host, renderer } = mount();
    renderer.update('```js\nlet a', false);
    const text = host.querySelector('code')?.firstChild;
    renderer.update('```js\nlet a = 1;\nlet b', false);
    renderer.update('```js\nlet a = 1;\nlet b;\n```\n\nend', true);
    expect(host.querySelector('code')?.firstChild).toBe(text);
    expect(text?.textContent).toBe('let a = 1;\nlet b;');
  });

  it('draws only the changed items of a growing list', () => {
    const { host, renderer } = mount();
    renderer.update('- a\n- b\n- c', false);
    const first = host.querySelector('li');
    renderer.update('- a\n- b\n- cc\n- d', false);
    expect(host.querySelector('li')).toBe(first);
    expect([...host.querySelectorAll('li')].map((li) => li.textContent)).toEqual(['a', 'b', 'cc', 'd']);
  });
});

describe('a text that the server rewound or replaced', () => {
  it.each(Array.from({ length: 25 }, (_, n) => n))('is drawn right wherever the cut is (seed %i)', (seed) => {
    const next = random(1000 + seed);
    const { host, renderer } = mount();
    let text = '';
    for (let round = 0; round < 12; round++) {
      const keep = Math.floor(next() * text.length);
      const insert = corpus[Math.floor(next() * corpus.length)] ?? '';
      const tail = next() < 0.5 ? text.slice(keep + Math.floor(next() * 20)) : '';
      text = text.slice(0, keep) + insert + tail;
      renderer.update(text, false);
      expect(host.innerHTML).toBe(full(text, false));
    }
  });

  it('may become shorter, empty, and start again', () => {
    const { host, renderer } = mount();
    renderer.update('# A\n\nb\n\nc', true);
    renderer.update('# A', true);
    expect(host.innerHTML).toBe(full('# A'));
    renderer.update('', false);
    expect(host.childNodes.length).toBe(0);
    renderer.update('x', true);
    expect(host.textContent).toBe('x');
  });

  it('reads Windows line ends like any other', () => {
    const { host, renderer } = mount();
    renderer.update('- a\r', false);
    renderer.update('- a\r\n- b\r\n\r\nend', true);
    expect(host.innerHTML).toBe(full('- a\n- b\n\nend'));
  });
});

describe('link definitions', () => {
  const text =
    'See [the notes][n] and [^1].\n\nMore.\n\nEven more.\n\n- list\n\n> [n]: https://example.org/notes "Notes"\n\n[^1]: https://example.org/1\n';

  it('that come after their use are resolved when the reply is done', () => {
    const { host, renderer } = mount();
    for (let end = 1; end <= text.length; end++) renderer.update(text.slice(0, end), false);
    renderer.update(text, true);
    expect(host.innerHTML).toBe(full(text));
    expect([...host.querySelectorAll('a')].map((a) => a.href)).toEqual([
      'https://example.org/notes',
      'https://example.org/1',
    ]);
  });

  it('that come before it are resolved at once', () => {
    const { host, renderer } = mount();
    renderer.update('[n]: https://example.org/n\n\nOne.\n\nTwo.\n\nThree.\n\n', false);
    renderer.update('[n]: https://example.org/n\n\nOne.\n\nTwo.\n\nThree.\n\nFour [n]', false);
    expect(host.querySelector('a')?.href).toBe('https://example.org/n');
  });
});

describe('hostile size', () => {
  it('nesting deeper than the lexer can go is shown as plain text', () => {
    const text = `${'>'.repeat(20000)} deep`;
    expect(full(text)).toContain('deep');
    const { host, renderer } = mount();
    renderer.update(text, false);
    renderer.update('fine again', false);
    expect(host.innerHTML).toBe(full('fine again', false));
  });
});
