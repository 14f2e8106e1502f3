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
  if (title) link.title = title;
  return link;
}
