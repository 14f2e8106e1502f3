import type { Tokens } from 'marked';

/** What a code block needs from outside. */
export interface CodeOptions {
  /** Called with the block's text when the copy button is pressed; may be async. */
  onCopy(text: string): void | Promise<void>;
  labels: { code: string; copy: string; copied: string };
}

/** How long the copy button says that it worked, in milliseconds. */
const saidFor = 2000;

/** The language that a fence names: the first word of its info string, without anything that is no name. */
export function language(token: Tokens.Code): string {
  return /^[\w+#.-]{1,32}/.exec(token.lang ?? '')?.[0] ?? '';
}

/** `<figure>` with a bar (language, copy button) above the code, which is left-to-right whatever surrounds it. */
export function codeBlock(token: Tokens.Code, opts: CodeOptions): HTMLElement {
  const figure = document.createElement('figure');
  figure.className = 'md-code';
  const code = document.createElement('code');
  const lang = language(token);
  if (lang) code.className = `language-${lang}`;
  code.append(document.createTextNode(token.text));

  const pre = document.createElement('pre');
  pre.dir = 'ltr';
  pre.tabIndex = 0;
  pre.setAttribute('role', 'group');
  pre.setAttribute('aria-label', lang ? `${opts.labels.code}: ${lang}` : opts.labels.code);
  pre.append(code);

  figure.append(caption(lang, code, opts), pre);
  return figure;
}

/**
 * Puts new text into a code block that is already on the page, so that a growing block keeps its
 * selection, its scroll position and the focus of its button.
 */
export function patchCode(figure: HTMLElement, text: string): boolean {
  const node = figure.querySelector('code')?.firstChild;
  if (!(node instanceof Text)) return false;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
  return true;
}

function caption(lang: string, code: HTMLElement, opts: CodeOptions): HTMLElement {
  const bar = document.createElement('figcaption');
  const name = document.createElement('span');
  name.className = 'md-lang';
  name.textContent = lang;
  bar.append(name, copyButton(code, opts));
  return bar;
}

function copyButton(code: HTMLElement, opts: CodeOptions): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'md-copy';
  button.textContent = opts.labels.copy;
  let timer: ReturnType<typeof setTimeout> | undefined;
  button.addEventListener('click', () => {
    void (async () => {
      try {
        await opts.onCopy(code.textContent);
      } catch {
        return; // the label only changes when the text really is on the clipboard
      }
      button.textContent = opts.labels.copied;
      clearTimeout(timer);
      timer = setTimeout(() => (button.textContent = opts.labels.copy), saidFor);
    })();
  });
  return button;
}
