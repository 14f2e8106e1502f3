import type { MarkedToken, Token, Tokens } from 'marked';
import { codeBlock, type CodeOptions } from './code';
import { appendInline } from './inline';

/** What the drawing of blocks needs from outside: words for screen readers and the copy action. */
export interface BlockOptions extends CodeOptions {
  labels: Labels;
}

/** The words that the renderer itself puts into a message. */
export interface Labels {
  /** Names a code block for screen readers. */
  code: string;
  /** Text of the copy button. */
  copy: string;
  /** Text of the copy button for a moment after it worked. */
  copied: string;
  /** Names the scroll container of a table. */
  table: string;
  /** Name of a ticked box in a task list. */
  ticked: string;
  /** Name of an open box in a task list. */
  unticked: string;
}

/** The element for one block, or null for tokens that show nothing (blank lines, link definitions). */
export function drawBlock(token: Token, opts: BlockOptions): HTMLElement | null {
  const t = token as MarkedToken;
  switch (t.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return null;
    case 'heading':
      // Two levels down: the page's own headings are the app's name and the conversation's title.
      return inlineBlock(`h${Math.min(t.depth + 2, 6)}`, t.tokens);
    case 'paragraph':
    case 'text':
      return inlineBlock('p', t.tokens ?? [t]);
    case 'code':
      return codeBlock(t, opts);
    case 'blockquote':
      return container('blockquote', t.tokens, opts);
    case 'list':
      return drawList(t, opts);
    case 'table':
      return drawTable(t, opts);
    case 'hr':
      return document.createElement('hr');
    default:
      return rawBlock(t.raw);
  }
}

function inlineBlock(name: string, tokens: readonly Token[]): HTMLElement {
  const element = document.createElement(name);
  element.dir = 'auto';
  appendInline(element, tokens);
  return element;
}

/** Raw HTML, shown as it was written. */
function rawBlock(raw: string): HTMLElement {
  const p = document.createElement('p');
  p.className = 'md-raw';
  p.dir = 'auto';
  p.textContent = raw.trimEnd();
  return p;
}

function container(name: string, tokens: readonly Token[], opts: BlockOptions): HTMLElement {
  const element = document.createElement(name);
  element.dir = 'auto';
  appendBlocks(element, tokens, opts);
  return element;
}

function appendBlocks(parent: HTMLElement, tokens: readonly Token[], opts: BlockOptions): void {
  for (const token of tokens) {
    const block = drawBlock(token, opts);
    if (block) parent.append(block);
  }
}

function drawList(token: Tokens.List, opts: BlockOptions): HTMLElement {
  const list = document.createElement(token.ordered ? 'ol' : 'ul');
  list.dir = 'auto';
  if (list instanceof HTMLOListElement && typeof token.start === 'number' && token.start !== 1) {
    list.start = token.start;
  }
  for (const item of token.items) list.append(drawItem(item, opts));
  return list;
}

/** One list item. Exported so that a growing list redraws its last item only. */
export function drawItem(item: Tokens.ListItem, opts: BlockOptions): HTMLElement {
  const li = document.createElement('li');
  li.dir = 'auto';
  if (item.task) {
    li.className = 'md-task';
    li.append(taskBox(item.checked === true, opts.labels));
  }
  for (const token of item.tokens) {
    // A tight item's text stands in the <li> itself, a loose one's in paragraphs.
    if (token.type === 'text' && !item.loose) appendInline(li, [token]);
    else appendBlocks(li, [token], opts);
  }
  return li;
}

function taskBox(checked: boolean, labels: Labels): HTMLElement {
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.disabled = true;
  box.checked = checked;
  box.toggleAttribute('checked', checked);
  box.setAttribute('aria-label', checked ? labels.ticked : labels.unticked);
  return box;
}

/** A table scrolls inside itself, by keyboard too, so that a wide one never widens the page. */
function drawTable(token: Tokens.Table, opts: BlockOptions): HTMLElement {
  const scroll = document.createElement('div');
  scroll.className = 'md-table';
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'group');
  scroll.setAttribute('aria-label', opts.labels.table);
  const table = document.createElement('table');
  table.createTHead().append(drawRow(token.header, 'th'));
  if (token.rows.length > 0) {
    const body = table.createTBody();
    for (const row of token.rows) body.append(drawRow(row, 'td'));
  }
  scroll.append(table);
  return scroll;
}

function drawRow(cells: readonly Tokens.TableCell[], name: 'th' | 'td'): HTMLElement {
  const row = document.createElement('tr');
  for (const cell of cells) {
    const element = document.createElement(name);
    element.dir = 'auto';
    if (name === 'th') element.setAttribute('scope', 'col');
    // A class, not a style attribute: the page's CSP has no 'unsafe-inline'.
    if (cell.align) element.className = `md-${cell.align}`;
    appendInline(element, cell.tokens);
    row.append(element);
  }
  return row;
}
