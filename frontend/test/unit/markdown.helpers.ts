import { createRenderer, type RenderOptions } from '../../src/markdown/render';

/** A small seeded generator (mulberry32), so that a failing run can be run again. */
export function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A host with a renderer in it. */
export function mount(opts?: RenderOptions) {
  const host = document.createElement('div');
  document.body.replaceChildren(host);
  return { host, renderer: createRenderer(host, opts) };
}

/** What a fresh renderer makes of the whole text at once. */
export function full(text: string, done = true): string {
  const { host, renderer } = mount();
  renderer.update(text, done);
  return host.innerHTML;
}

/** Everything a reply can hold, and the places where an unfinished line means something else than the finished one. */
export const corpus = [
  '# Title\n\nSome *emphasis*, **strong**, ~~gone~~ and `code`.\nA second line.\n\n',
  'Para before a rule\n***\nand ***bold italics*** after\n***not a rule***\n\n',
  'Setext\n===\n\nAnother\n---\n\nText\n- list at once\n- two\n  - nested\n    continued\n\n  loose now\n- three\n\n',
  '1. one\n2. two\n\n   with a paragraph\n\n   ```sh\n   make build\n   ```\n3. three\n\n7. seven\n\n',
  '- [ ] open\n- [x] done\n- plain\n\n',
  '| a | b |\n|---|:-:|\n| x<br>y | **z** |\n| only one |\nrow without pipes\n\n# after the table\n\n',
  'text\n| not | yet |\n| a table |\n\n',
  '```js\nconst a = 1;\n\n\nconst b = `x`;\n```\ntext right after\n~~~\ntildes\n```\nstill\n~~~\n\n',
  '    indented code\n\n    goes on\n\nback\n\n',
  '> quote\ncontinued lazily\n>\n> - list in it\n> ```\n> code\n> ```\n> > deeper\n\n',
  '<div>\nraw <b>html</b>\n\n</div>\n\n<!-- a comment\n\nthat goes on -->\n\n<script>\nalert(1)\n\n</script>\n\n',
  'Links: <https://a.example/x?a=1&amp;b=2>, www.example.org, me@example.org, [t](https://b.example "title"), ![p](/pic.png)\n\n',
  'Entities &amp; &copy; &#8364; &#x20AC; &unknown; &lt;b&gt; \\*not em\\*\n\n',
  'foo\n```a`b is no fence\nbar\n#hashtag\n# heading\n>quote\n\n',
  'Hebrew שלום עולם\n\nمرحبا `code` بالعالم\n\n',
  '* a\n* b\n\n+ c\n+ d\n\n\n\n* e\n\n\ntext\n',
  'trailing backslash\\\nnext\n***\n***\n- \n-\n--\n---\n',
];
