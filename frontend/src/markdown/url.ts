const allowed = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/**
 * The absolute form of a link target that is safe to put into `href`, or null when it must stay text.
 *
 * Allowed are http, https, mailto, tel, and relative targets on a page that is itself http or https.
 * The URL parser decides, not a pattern: it strips the tabs, newlines and control characters
 * that browsers ignore inside `java\nscript:`.
 */
export function safeHref(target: string, base: string = document.baseURI): string | null {
  let url: URL;
  try {
    url = new URL(target, base);
  } catch {
    return null;
  }
  return allowed.has(url.protocol) ? url.href : null;
}

/**
 * An `<a>` that opens outside the app and tells the other side nothing about where it came from,
 * or null when the target is not allowed.
 */
export function externalLink(target: string, title?: string | null): HTMLAnchorElement | null {
  const href = safeHref(target);
  if (href === null) return null;
  const link = document.createElement('a');
  link.href = href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  if (title) link.title = `${title}\n${href}`;
  return link;
}

/**
 * Has a link say where it leads, beside words that say something else: a reply may have been talked into
 * calling a thief's address "your bank". Called once the words are in the link.
 */
export function tellWhere(link: HTMLAnchorElement): void {
  const where = whereTo(link.href);
  if (where && !names(link.textContent, where)) link.dataset['where'] = where;
}

/** Where an address leads, for people: the host, or whom a mail goes to. Nothing within the app, or where it can't be read. */
export function whereTo(address: string): string {
  try {
    const url = new URL(address, document.baseURI);
    return url.origin === location.origin ? '' : url.host || decoded(url.pathname);
  } catch {
    return '';
  }
}

/** Whether words are an address at this place, written so that nobody can take it for another. */
function names(words: string, where: string): boolean {
  const full = withoutWww(words.trim().replace(/^(https?:\/\/|mailto:|tel:)/i, ''));
  const host = withoutWww(where);
  return full.startsWith(host) && /^([/?#]|$)/.test(full.slice(host.length));
}

/** In small letters; "www." is nobody's name, except in www.com and before somebody's mailbox. */
function withoutWww(address: string): string {
  return address.includes('@') ? address.toLowerCase() : address.toLowerCase().replace(/^www\.(?=[^/]*\.)/, '');
}

/** An address in its own letters; one that hides or turns some of them round stays as it is written. */
function decoded(text: string): string {
  try {
    const plain = decodeURIComponent(text);
    return /[\p{C}\p{Zl}\p{Zp}]/u.test(plain) ? text : plain;
  } catch {
    return text;
  }
}
