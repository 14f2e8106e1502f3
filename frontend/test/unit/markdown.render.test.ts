import { describe, expect, it, vi } from 'vitest';
import { renderPlain } from '../../src/markdown/linkify';
import { safeHref } from '../../src/markdown/url';
import { mount } from './markdown.helpers';
import { soon } from './soon';

function draw(text: string): HTMLElement {
  const { host, renderer } = mount();
  renderer.update(text, true);
  return host;
}

const attacks = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  'a <script>alert(1)</script> b',
  '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<style>@import "//evil.example"</style>',
  '<base href="//evil.example/"><meta http-equiv=refresh content="0;url=//evil.example">',
  '<form action=//evil.example><input name=x><button>go</button></form>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](<java\nscript:alert(1)>)',
  '[x](&#106;avascript:alert(1))',
  '[x](javascript&colon;alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](vbscript:msgbox)',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](file:///etc/passwd)',
  '[x](blob:https://example.org/1)',
  '[x](https://example.org/"onmouseover="alert(1))',
  '[x](https://example.org "t\\" onmouseover=alert(1)")',
  '![x](data:image/svg+xml;base64,PHN2Zz4=)',
  '![x](javascript:alert(1))',
  '![x](https://evil.example/pixel.png?secret)',
  '[r]: javascript:alert(1)\n\n[r] and ![r]',
  '<javascript:alert(1)>',
  '```"><img src=x onerror=alert(1)>\ncode\n```',
  '```js" onclick="alert(1)\ncode\n```',
  '| <img src=x onerror=alert(1)> |\n|---|\n| <script>x</script> |',
  '- [x] <img src=x onerror=alert(1)>\n- <svg/onload=alert(1)>',
  '> <img src=x onerror=alert(1)>\n\n# <img src=x onerror=alert(1)>',
  '`<img src=x onerror=alert(1)>` &lt;img src=x onerror=alert(1)&gt;',
  '<br onclick=alert(1)>',
  '[__proto__]: https://example.org\n\n[__proto__] &constructor; &__proto__;',
];

const elements = new Set(
  'P H3 H4 H5 H6 UL OL LI STRONG EM DEL CODE PRE FIGURE FIGCAPTION SPAN BUTTON A BR HR BLOCKQUOTE DIV TABLE THEAD TBODY TR TH TD INPUT'.split(
    ' ',
  ),
);
const attributes = new Set(
  'dir class href target rel title role aria-label tabindex type disabled checked scope start data-where'.split(' '),
);

describe('hostile text', () => {
  it.each(attacks)('%j makes no element, attribute or address that could do harm', (text) => {
    for (const element of draw(text).querySelectorAll('*')) {
      expect(elements).toContain(element.tagName);
      for (const { name } of element.attributes) expect(attributes).toContain(name);
      if (element instanceof HTMLAnchorElement) {
        expect(['http:', 'https:', 'mailto:', 'tel:']).toContain(element.protocol);
        expect([element.rel, element.target]).toEqual(['noopener noreferrer', '_blank']);
      }
      if (element instanceof HTMLInputElement) expect(element.type).toBe('checkbox');
    }
  });

  it('is still readable: nothing is dropped', () => {
    expect(draw('a <b>bold</b> <img src=x onerror=alert(1)> z').textContent).toBe(
      'a <b>bold</b> <img src=x onerror=alert(1)> z',
    );
    expect(draw('<div>\nblock\n</div>').textContent).toBe('<div>\nblock\n</div>');
    expect(draw('[click me](javascript:alert(1))').textContent).toBe('click me');
  });

  it('never goes through an HTML string', () => {
    const sinks = (['innerHTML', 'outerHTML'] as const).map((name) =>
      vi.spyOn(Element.prototype, name, 'set').mockImplementation(() => {
        throw new Error(`${name} was set`);
      }),
    );
    expect(attacks.map((text) => draw(text).childNodes.length > 0)).not.toContain(false);
    for (const sink of sinks) sink.mockRestore();
  });
});

describe('addresses', () => {
  it.each([
    ['https://example.org/a', 'https://example.org/a'],
    ['mailto:a@example.org', 'mailto:a@example.org'],
    ['tel:+4930123', 'tel:+4930123'],
    ['/c/1', 'http://127.0.0.1:4275/c/1'],
    ['java\nscript:alert(1)', null],
    [' javascript:alert(1)', null],
    ['https://', null],
  ])('%j becomes %j', (target, want) => {
    expect(safeHref(target, 'http://127.0.0.1:4275/')).toBe(want);
  });

  it.each([
    ['[your bank](https://thief.example/login)', 'thief.example'],
    ['[https://bank.example](https://thief.example/)', 'thief.example'],
    ['[bank.example](https://bank.example.thief.example/)', 'bank.example.thief.example'],
    ['https://bank.example@thief.example/', 'thief.example'],
    ['[bank.example@thief.example](https://thief.example/)', 'thief.example'],
    ['[thief.example.bank.example](https://thief.example/)', 'thief.example'],
    ['[b\u0430nk.example](https://b\u0430nk.example/)', 'xn--bnk-6cd.example'],
    ['[\u202eelpmaxe.knab](https://thief.example:8443/)', 'thief.example:8443'],
    ['![a cat](https://thief.example/cat.png?said=PIN)', 'thief.example'],
    ['[write](mailto:mallory@thief.example)', 'mallory@thief.example'],
    ['[bank.example](https://bank.example/x)', undefined],
    ['[https://bank.example/pay?a=1](https://bank.example/pay?a=2)', undefined],
    ['<https://bank.example>', undefined],
    ['www.bank.example', undefined],
    ['[bank.example](https://www.bank.example/x)', undefined],
    ['[www.bank.example](https://bank.example/x)', undefined],
    ['[Bank.example](https://www.bank.example:8443/)', 'www.bank.example:8443'],
    ['[com](https://www.com/)', 'www.com'],
    ['[me@bank.example](mailto:www.me@bank.example)', 'www.me@bank.example'],
    ['[write](mailto:%E2%80%AEelpmaxe.knab@thief.example)', '%E2%80%AEelpmaxe.knab@thief.example'],
    ['me@bank.example', undefined],
    ['[here](/c/1)', undefined],
  ])('%j tells that it leads to %j', (text, where) => {
    const link = draw(text).querySelector('a');
    expect(link).not.toBeNull();
    expect(link?.dataset['where']).toBe(where);
  });

  it('a title is no place to lie about it', () => {
    const link = draw('[x](https://thief.example "https://bank.example")').querySelector('a');
    expect(link?.title).toBe('https://bank.example\nhttps://thief.example/');
  });

  it('relative ones are refused where the page has no web origin', () => {
    expect(safeHref('/etc/passwd', 'file:///app/index.html')).toBeNull();
  });
});

describe('what a reader gets', () => {
  it('a picture is a link that loads nothing until it is pressed', () => {
    const host = draw('![A cat](https://example.org/cat.png)');
    expect(host.querySelector('img')).toBeNull();
    expect(host.querySelector('a')?.textContent).toBe('A cat');
    expect(draw('![](https://example.org/cat.png)').textContent).toBe('https://example.org/cat.png');
  });

  it('a code block names its language, runs left to right, can be reached by keyboard and copied', async () => {
    const copied: string[] = [];
    const { host, renderer } = mount({ onCopy: (text) => void copied.push(text), labels: { copied: 'Got it' } });
    renderer.update('```python title="x"\nprint(1)\n```', true);
    expect(host.querySelector('.md-lang')?.textContent).toBe('python');
    expect(host.querySelector('code')?.className).toBe('language-python');
    const pre = host.querySelector('pre');
    expect([pre?.dir, pre?.tabIndex, pre?.getAttribute('aria-label')]).toEqual(['ltr', 0, 'Code: python']);
    host.querySelector('button')?.click();
    expect(copied).toEqual(['print(1)']);
    await soon(() => expect(host.querySelector('button')?.textContent).toBe('Got it'));
  });

  it('the copy button does not claim success when the clipboard refused', async () => {
    const { host, renderer } = mount({ onCopy: () => Promise.reject(new Error('denied')) });
    renderer.update('```\nx\n```', true);
    host.querySelector('button')?.click();
    await Promise.resolve();
    expect(host.querySelector('button')?.textContent).toBe('Copy');
  });

  it('a table scrolls inside a box that has a name and takes the keyboard', () => {
    const box = draw('| a | b |\n|:-:|--:|\n| 1 | 2 |').querySelector<HTMLElement>('.md-table');
    expect([box?.tabIndex, box?.getAttribute('role'), box?.getAttribute('aria-label')]).toEqual([0, 'group', 'Table']);
    expect([...(box?.querySelectorAll('th') ?? [])].map((th) => th.className)).toEqual(['md-center', 'md-right']);
  });

  it('task boxes say their state', () => {
    const boxes = [...draw('- [x] a\n- [ ] b').querySelectorAll('input')];
    expect(boxes.map((box) => [box.checked, box.disabled, box.getAttribute('aria-label')])).toEqual([
      [true, true, 'Done'],
      [false, true, 'To do'],
    ]);
  });

  it('every block finds its own direction', () => {
    const host = draw('# שלום\n\nhello\n\n- مرحبا\n\n> x\n\n| a |\n|---|\n| b |');
    for (const block of host.querySelectorAll('h3, p, li, ul, blockquote, th, td')) {
      expect(block.getAttribute('dir')).toBe('auto');
    }
  });

  it('character references are read, in text and in addresses, but not in code', () => {
    const host = draw('&copy; &#8364; &#x1F600; &#0; &nope; `&amp;` [x](https://example.org/?a=1&amp;b=2)');
    expect(host.textContent).toBe('© € 😀 \ufffd &nope; &amp; x');
    expect(host.querySelector('a')?.href).toBe('https://example.org/?a=1&b=2');
  });

  it('a single line break in the source is one on the screen', () => {
    expect(draw('one\ntwo').querySelectorAll('br').length).toBe(1);
  });

  it('destroy leaves an empty host', () => {
    const { host, renderer } = mount();
    renderer.update('x', true);
    renderer.destroy();
    expect(host.childNodes.length).toBe(0);
  });
});

describe('plain text', () => {
  function plain(text: string): HTMLElement {
    const host = document.createElement('div');
    renderPlain(host, text);
    return host;
  }

  it('is kept to the letter', () => {
    const text = '  <b>two  spaces</b>\n\n*stars* & ampersands;\n\tend  ';
    expect(plain(text).textContent).toBe(text);
    expect(plain(text).querySelector('b')).toBeNull();
  });

  it.each([
    ['see https://example.org/a_(b).', 'https://example.org/a_(b)', 'https://example.org/a_(b)'],
    ['(https://example.org/x?y=1&z=2),', 'https://example.org/x?y=1&z=2', 'https://example.org/x?y=1&z=2'],
    ['www.example.org/now!', 'www.example.org/now', 'https://www.example.org/now'],
    ['write to me.too+x@mail.example.org.', 'me.too+x@mail.example.org', 'mailto:me.too+x@mail.example.org'],
    ['https://example.org/ünï', 'https://example.org/ünï', 'https://example.org/%C3%BCn%C3%AF'],
  ])('%j holds the link %j', (text, label, href) => {
    const host = plain(text);
    expect([...host.querySelectorAll('a')].map((a) => [a.textContent, a.href])).toEqual([[label, href]]);
    expect(host.textContent).toBe(text);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'http://', 'a@b'])(
    '%j is no link',
    (text) => {
      expect(plain(text).querySelector('a')).toBeNull();
    },
  );

  it('of the longest allowed size is searched in a moment', () => {
    for (const unit of ['a.', '(', ')', 'www.', 'a@', 'https://x)', 'a@b.1.']) {
      const text = unit.repeat(262144 / unit.length);
      const start = performance.now();
      expect(plain(text).textContent?.length).toBe(text.length);
      expect(performance.now() - start).toBeLessThan(3000);
    }
  });
});
