/**
 * A place in the server's change feed, written `<epoch>-<seq>`. Cursors of one
 * epoch are ordered; of two epochs nothing can be said, the server sends `reset`.
 */
export interface Cursor {
  epoch: string;
  seq: number;
}

/** Reads a cursor; undefined when the text is not one. */
export function parseCursor(text: string | undefined): Cursor | undefined {
  const cut = text?.lastIndexOf('-') ?? -1;
  if (!text || cut < 1) return undefined;
  const digits = text.slice(cut + 1);
  if (!/^\d{1,15}$/.test(digits)) return undefined;
  return { epoch: text.slice(0, cut), seq: Number(digits) };
}

/** The later of two cursors. The second wins when it belongs to another epoch, is equal, or the first is none. */
export function laterCursor(a: string | undefined, b: string | undefined): string | undefined {
  const x = parseCursor(a);
  const y = parseCursor(b);
  if (!y) return a;
  if (!x || x.epoch !== y.epoch) return b;
  return x.seq > y.seq ? a : b;
}
