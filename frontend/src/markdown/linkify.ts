import './markdown.css';
import { externalLink, tellWhere } from './url';

/**
 * Web addresses and mail addresses in running text. Closing punctuation is taken off afterwards.
 * The bound on the part before the @ (RFC 5321: 64) keeps the search linear in a long text.
 */
const address = /\bhttps?:\/\/[^\s<>"'`]+|\bwww\.[^\s<>"'`]+|\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi;

const brackets = [
  [')', '('],
  [']', '['],
  ['}', '{'],
] as const;

/**
 * Shows `text` exactly as it was typed, every space and line break kept, with web and mail addresses as links.
 * Replaces whatever `host` held. The text's direction follows its own letters.
 */
export function renderPlain(host: HTMLElement, text: string): void {
  const p = document.createElement('p');
  p.className = 'md-plain';
  p.dir = 'auto';
  let at = 0;
  for (const match of text.matchAll(address)) {
    const found = trimEnd(match[0]);
    const link = externalLink(target(found));
    if (!link) continue;
    link.textContent = found;
    tellWhere(link);
    p.append(text.slice(at, match.index), link);
    at = match.index + found.length;
  }
  p.append(text.slice(at));
  host.replaceChildren(p);
}

function target(found: string): string {
  if (/^https?:/i.test(found)) return found;
  return found.includes('@') && !/^www\./i.test(found) ? `mailto:${found}` : `https://${found}`;
}

/** Takes off the punctuation that ends the sentence, and a bracket that was opened before the address. */
function trimEnd(found: string): string {
  const surplus: Record<string, number> = {};
  for (const [close, open] of brackets) surplus[close] = count(found, close) - count(found, open);
  let end = found.length;
  for (; end > 0; end--) {
    const last = found.charAt(end - 1);
    if ('.,:;!?*_~'.includes(last)) continue;
    const extra = surplus[last] ?? 0;
    if (extra <= 0) break;
    surplus[last] = extra - 1;
  }
  return found.slice(0, end);
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
