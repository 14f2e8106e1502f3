/** A piece of text around the first match, cut into parts that match and parts that don't. */
export interface Part {
  text: string;
  hit: boolean;
}

const AROUND = 60;

/** The part of `text` to show for a search, with every match of the query's words told apart. */
export function snippet(text: string, query: string): Part[] {
  const words = query.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return [{ text: text.slice(0, 2 * AROUND), hit: false }];
  const any = new RegExp(words.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'giu');
  const first = text.search(any);
  const from = first > AROUND ? text.lastIndexOf(' ', first - AROUND / 2) + 1 || first - AROUND / 2 : 0;
  const piece = text.slice(from, from + 3 * AROUND).replace(/\s+/g, ' ');
  const parts: Part[] = [];
  let at = 0;
  for (const m of piece.matchAll(any)) {
    if (m.index > at) parts.push({ text: piece.slice(at, m.index), hit: false });
    parts.push({ text: m[0], hit: true });
    at = m.index + m[0].length;
  }
  parts.push({ text: piece.slice(at), hit: false });
  if (from > 0) parts.unshift({ text: '…', hit: false });
  return parts;
}
