import type { MarkedToken, Token, Tokens } from 'marked';
import { decodeEntities } from './entities';
import { externalLink, tellWhere } from './url';

/** Appends the inline tokens to `parent`. Nothing here can make an element that loads or runs anything. */
export function appendInline(parent: Node, tokens: readonly Token[] | undefined): void {
  for (const token of tokens ?? []) appendOne(parent, token as MarkedToken);
}

function appendOne(parent: Node, token: MarkedToken): void {
  switch (token.type) {
    case 'text':
      return appendText(parent, token);
    case 'escape':
      parent.appendChild(document.createTextNode(token.text));
      return;
    case 'strong':
    case 'em':
    case 'del':
      return wrap(parent, token.type, token.tokens);
    case 'codespan':
      return appendCode(parent, token.text);
    case 'br':
      parent.appendChild(document.createElement('br'));
      return;
    case 'link':
      return appendLink(parent, token);
    case 'image':
      return appendImage(parent, token);
    case 'html':
      return appendHtml(parent, token.raw);
    case 'checkbox':
      return; // drawn by its list item, which knows the label
    default:
      parent.appendChild(document.createTextNode(token.raw));
  }
}

function appendText(parent: Node, token: Tokens.Text): void {
  if (token.tokens) return appendInline(parent, token.tokens);
  // Inside raw <code>, <kbd>, <pre> marked calls the text "escaped": what was typed is what is meant.
  const text = token.escaped === true ? token.text : decodeEntities(token.text);
  parent.appendChild(document.createTextNode(text));
}

function wrap(parent: Node, name: 'strong' | 'em' | 'del', tokens: readonly Token[]): void {
  const element = document.createElement(name);
  appendInline(element, tokens);
  parent.appendChild(element);
}

function appendCode(parent: Node, text: string): void {
  const code = document.createElement('code');
  code.dir = 'ltr';
  code.textContent = text;
  parent.appendChild(code);
}

function appendLink(parent: Node, token: Tokens.Link): void {
  // An autolink is literal; in a written link the target may hold character references.
  const target = token.autolink === true ? token.href : decodeEntities(token.href);
  const link = externalLink(target, token.title && decodeEntities(token.title));
  if (!link) return appendInline(parent, token.tokens);
  if (token.autolink === true) link.textContent = token.text;
  else appendInline(link, token.tokens);
  tellWhere(link);
  parent.appendChild(link);
}

/**
 * A picture becomes a link: loading it would tell its host who reads what and when, and a model that was
 * fed hostile text could put secrets into the address.
 */
function appendImage(parent: Node, token: Tokens.Image): void {
  const target = decodeEntities(token.href);
  const label = decodeEntities(token.text).trim();
  const link = externalLink(target, token.title && decodeEntities(token.title));
  if (!link) {
    parent.appendChild(document.createTextNode(label));
    return;
  }
  link.className = 'md-image';
  link.textContent = label || link.href;
  tellWhere(link);
  parent.appendChild(link);
}

/** Raw HTML is text, but for a bare `<br>`, the one way to break a line inside a table cell. */
function appendHtml(parent: Node, raw: string): void {
  if (/^<br\s*\/?>$/i.test(raw)) parent.appendChild(document.createElement('br'));
  else parent.appendChild(document.createTextNode(raw));
}
