import { externalLink } from './url';

/** Web addresses and mail addresses in running text. Closing punctuation is taken off afterwards. */
const address =
  /\bhttps?:\/\/[^\s<>"'`]+|\bwww\.[^\s<>"'`]+\.[^\s<>"'`]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/gi;

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
  let end = found.length;
  for (; end > 0; end--) {
    const last = found.charAt(end - 1);
    if ('.,:;!?*_~'.includes(last)) continue;
    const open = { ')': '(', ']': '[', '}': '{' }[last];
    if (open === undefined) break;
    const body = found.slice(0, end);
    if (body.split(open).length >= body.split(last).length) break;
  }
  return found.slice(0, end);
}
