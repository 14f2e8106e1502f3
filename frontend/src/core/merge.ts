import type { Conversation, Delta, Message } from './protocol';

/** True while text may still arrive for the message. */
export const isRunning = (m: Message): boolean => m.status === 'pending' || m.status === 'streaming';

/**
 * The text after a delta: the first `at` UTF-16 units of what is there, then the
 * delta's. Undefined when the delta starts beyond the end: something is missing
 * and the message must be fetched, since guessing would show a wrong text.
 */
export function applyDelta(text: string, d: Pick<Delta, 'at' | 'text'>): string | undefined {
  return d.at > text.length ? undefined : text.slice(0, d.at) + d.text;
}

/**
 * The message after a delta. Returns the same object when the delta does not
 * concern it (another attempt, or the reply has already ended), undefined on a gap.
 */
export function messageWithDelta(m: Message, d: Delta): Message | undefined {
  if (!isRunning(m) || d.attempt < m.attempt) return m;
  // A newer attempt whose record we have not seen starts from nothing.
  const base = d.attempt > m.attempt ? '' : m.text;
  const text = applyDelta(base, d);
  if (text === undefined) return undefined;
  if (text === m.text && d.attempt === m.attempt && m.status === 'streaming') return m;
  return { ...m, text, attempt: d.attempt, status: 'streaming' };
}

/**
 * Which of two states of one message to keep. Records arrive from the stream and
 * from pages in any order, so the later `updated` wins; while a reply runs its
 * record carries the last checkpoint, so the longer text of the same attempt stays.
 * What a push brought was cut to fit: it gives way to any whole record and never replaces one.
 */
export function mergeMessage(old: Message | undefined, next: Message): Message {
  if (!old) return next;
  if (!old.cut !== !next.cut) return old.cut ? next : old;
  if (next.attempt < old.attempt || (next.attempt === old.attempt && next.updated < old.updated)) return old;
  const sameRun = next.attempt === old.attempt && isRunning(next) && isRunning(old);
  if (sameRun && old.text.length > next.text.length && old.text.startsWith(next.text)) {
    return { ...next, text: old.text, status: old.status === 'streaming' ? 'streaming' : next.status };
  }
  return next;
}

/** Which of two states of one conversation to keep: the later one, the new one when equal. */
export function mergeConversation(old: Conversation | undefined, next: Conversation): Conversation {
  return old && next.updated < old.updated ? old : next;
}
