import type { Conversation } from './protocol';

interface Counted {
  id: string;
  role: 'user' | 'assistant';
}

/**
 * The first unread message that is not the reader's own: the one after `readUpto`,
 * or the `unread`-th from the end when that is not known. Undefined when nothing is
 * unread; the oldest loaded one when more are unread than are here.
 */
export function firstUnread(messages: readonly Counted[], unread: number, readUpto?: string): string | undefined {
  if (unread && readUpto) return messages.find((m) => m.role === 'assistant' && m.id > readUpto)?.id;
  let left = unread;
  let found: string | undefined;
  for (let i = messages.length - 1; i >= 0 && left > 0; i--) {
    const m = messages[i];
    if (m && m.role === 'assistant') {
      found = m.id;
      left--;
    }
  }
  return found;
}

/** The number for the app's badge: unread messages of conversations that are neither muted nor archived. */
export function badgeCount(list: Iterable<Conversation>): number {
  let n = 0;
  for (const c of list) if (!c.muted && !c.archived) n += c.unread;
  return n;
}
