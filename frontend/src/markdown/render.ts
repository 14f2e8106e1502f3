import { Lexer, type Links, type Token, type Tokens } from 'marked';
import { drawBlock, drawItem, type BlockOptions, type Labels } from './blocks';
import { patchCode } from './code';
import { renderPlain } from './linkify';

/** How a renderer is set up. */
export interface RenderOptions {
  /** Copies a code block's text. Default: the clipboard. */
  onCopy?(text: string): void | Promise<void>;
  /** Words in the reader's language. Default: English. */
  labels?: Partial<Labels>;
}

/** Draws one message's Markdown and keeps drawing it while the text grows. */
export interface Renderer {
  /**
   * Shows `text`, the whole text so far. Blocks that did not change stay the same DOM nodes, so a selection
   * in them survives. Any text may follow any other: a rewound or replaced text is drawn right.
   * `done` says that no more will come; only then are links that were defined after their use resolved.
   */
  update(text: string, done: boolean): void;
  /** Empties the host. The renderer must not be used after it. */
  destroy(): void;
}

interface Block {
  start: number;
  token: Token;
  node: HTMLElement | null;
}

const english: Labels = {
  code: 'Code',
  copy: 'Copy',
  copied: 'Copied',
  table: 'Table',
  ticked: 'Done',
  unticked: 'To do',
};

/**
 * Makes a renderer for GitHub Flavored Markdown that draws into `host`, which it owns from then on.
 *
 * Tokens become elements by createElement; there is no HTML string anywhere, so text can't become markup
 * and Trusted Types have nothing to object to. Raw HTML is shown as text, pictures become links.
 */
export function createRenderer(host: HTMLElement, opts: RenderOptions = {}): Renderer {
  return new MarkdownRenderer(host, {
    labels: { ...english, ...opts.labels },
    onCopy: opts.onCopy ?? ((text) => navigator.clipboard.writeText(text)),
  });
}

class MarkdownRenderer implements Renderer {
  #text = '';
  #blocks: Block[] = [];
  /** True when text that is already on the page may name a link that was defined later. */
  #stale = false;
  #plain = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly opts: BlockOptions,
  ) {
    host.classList.add('md');
    host.replaceChildren();
  }

  update(text: string, done: boolean): void {
    const next = text.replace(/\r\n?/g, '\n');
    if (next === this.#text && !(done && this.#stale)) return;
    if (this.#plain) this.#reset();
    try {
      this.#draw(next, done);
    } catch {
      // Nesting a few thousand levels deep overflows the lexer's stack. The words still have to be readable.
      this.#reset();
      this.#plain = true;
      renderPlain(this.host, next);
    }
    this.#text = next;
  }

  destroy(): void {
    this.#reset();
  }

  #reset(): void {
    this.#text = '';
    this.#blocks = [];
    this.#stale = false;
    this.#plain = false;
    this.host.replaceChildren();
  }

  #draw(next: string, done: boolean): void {
    const from = this.#firstUnsettled(commonPrefix(this.#text, next));
    this.#redraw(next, from, false);
    if (done && this.#stale) {
      this.#redraw(next, 0, true);
      this.#stale = false;
    }
  }

  #redraw(text: string, from: number, force: boolean): void {
    const start = this.#blocks[from]?.start ?? 0;
    const settled = this.#blocks.slice(0, from);
    const fresh = lex(text, start, definitions(settled));
    this.#stale ||= fresh.some((b) => b.token.type === 'def' || nested(b.token));
    this.#reconcile(settled, fresh, force);
  }

  /**
   * The first block that a change at `offset` can still alter. A line that is not yet complete may turn a
   * block of its own into a part of the one before (`***` becomes `***bold***`), and blank lines do not end
   * a list; so two visible blocks are taken back.
   */
  #firstUnsettled(offset: number): number {
    let i = this.#blocks.findIndex((_, n) => (this.#blocks[n + 1]?.start ?? Infinity) >= offset);
    let visible = 0;
    for (; i > 0; i--) {
      if (this.#blocks[i]?.node && ++visible === 2) break;
    }
    return Math.max(i, 0);
  }

  #reconcile(settled: Block[], fresh: Block[], force: boolean): void {
    const old = this.#blocks.slice(settled.length);
    fresh.forEach((block, n) => {
      const before = old[n];
      block.node = (force ? null : keep(before, block.token, this.opts)) ?? drawBlock(block.token, this.opts);
      if (before?.node === block.node) return;
      if (before?.node && block.node) before.node.replaceWith(block.node);
      else if (before?.node) before.node.remove();
      else if (block.node) this.host.insertBefore(block.node, nextNode(old, n));
    });
    for (const rest of old.slice(fresh.length)) rest.node?.remove();
    this.#blocks = [...settled, ...fresh];
  }
}

/** The node of `old` when it can show `token` as it is or with a small patch; else null. */
function keep(old: Block | undefined, token: Token, opts: BlockOptions): HTMLElement | null {
  if (!old?.node) return null;
  if (signature(old.token) === signature(token)) return old.node;
  if (old.token.type === 'code' && token.type === 'code' && old.token['lang'] === token['lang']) {
    return patchCode(old.node, token['text'] as string) ? old.node : null;
  }
  if (old.token.type === 'list' && token.type === 'list') {
    return patchList(old.node, old.token as Tokens.List, token as Tokens.List, opts);
  }
  return null;
}

/** Long lists are common in replies; only the items that changed are drawn again. */
function patchList(node: HTMLElement, old: Tokens.List, list: Tokens.List, opts: BlockOptions): HTMLElement | null {
  if (old.ordered !== list.ordered || old.start !== list.start) return null;
  list.items.forEach((item, n) => {
    const was = old.items[n];
    const li = node.children[n];
    if (was && li && signature(was) === signature(item)) return;
    if (li) li.replaceWith(drawItem(item, opts));
    else node.append(drawItem(item, opts));
  });
  while (node.children.length > list.items.length) node.lastElementChild?.remove();
  return node;
}

/** Two tokens of equal signature look the same. A newline that only ended the block changes nothing. */
function signature(token: Token): string {
  if (token.type === 'code') return `code ${String(token['lang'])}\n${String(token['text'])}`;
  const item = token.type === 'list_item' ? (token as Tokens.ListItem) : null;
  const flags = item ? `${item.loose} ${item.task} ${item.checked}` : '';
  return `${token.type} ${flags}\n${token.raw.replace(/\n+$/, '')}`;
}

function lex(text: string, start: number, links: Links): Block[] {
  const lexer = new Lexer({ gfm: true, breaks: true });
  lexer.tokens.links = links;
  let at = start;
  return lexer.lex(text.slice(start)).map((token) => {
    const block: Block = { start: at, token, node: null };
    at += token.raw.length;
    return block;
  });
}

/** The link definitions that `blocks` hold, at any depth; the first of a name wins. */
function definitions(blocks: readonly Block[]): Links {
  const links: Links = Object.create(null) as Links;
  const walk = (token: Token): void => {
    if (token.type === 'def') {
      const def = token as Tokens.Def;
      links[def.tag] ??= { href: def.href, title: def.title };
    }
    for (const child of children(token)) walk(child);
  };
  for (const block of blocks) walk(block.token);
  return links;
}

function nested(token: Token): boolean {
  return children(token).some((child) => child.type === 'def' || nested(child));
}

function children(token: Token): Token[] {
  if (token.type === 'list') return (token as Tokens.List).items;
  if (token.type === 'blockquote' || token.type === 'list_item') return token.tokens ?? [];
  return [];
}

function commonPrefix(a: string, b: string): number {
  if (b.startsWith(a)) return a.length;
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

function nextNode(old: readonly Block[], n: number): HTMLElement | null {
  return old.slice(n + 1).find((block) => block.node)?.node ?? null;
}
