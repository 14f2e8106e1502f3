import { backoff } from './backoff';
import type { Message } from './protocol';

/**
 * A message that this browser owes the server. It is in IndexedDB before the
 * composer lets go of the text, and leaves only when the server's own record of
 * it is here or a person deletes it.
 */
export interface OutboxItem {
  /** Client id (ULID): order, and the Idempotency-Key of every try. */
  id: string;
  /** Where it shows: a conversation's id, or `~…` for a chat the server does not know yet. */
  thread: string;
  text: string;
  zone: string;
  created: string;
  state: 'queued' | 'sending' | 'sent' | 'failed';
  tries: number;
  /** Newest message of the thread when it was typed; its own record must come after. */
  after?: string;
  /** The server's id, once accepted. */
  message?: string;
  /** Why it failed, in words for people. */
  problem?: string;
}

/** How one try ended. `status` 0 means that no answer came. */
export interface SendResult {
  status: number;
  code?: string;
  detail?: string;
  /** Milliseconds, from Retry-After. */
  retryAfter?: number;
}

export type SendDecision =
  | { do: 'accept' }
  /** Try again after `wait` milliseconds. */
  | { do: 'wait'; wait: number }
  /** This browser is not paired any more: keep everything until it is. */
  | { do: 'pair' }
  /** Trying again cannot help: show the text with its problem. */
  | { do: 'fail'; problem: string };

/**
 * What to do after a try. No answer and every fault that may pass is tried again
 * with the same key; only a refusal of this very message is a failure.
 */
export function decide(result: SendResult, tries: number, random?: () => number): SendDecision {
  const { status, retryAfter } = result;
  if (status >= 200 && status < 300) return { do: 'accept' };
  if (status === 401) return { do: 'pair' };
  if (status === 0 || status === 408 || status === 425 || status === 429 || status >= 500) {
    return { do: 'wait', wait: retryAfter ?? backoff(tries, { first: 800, longest: 30_000, random }) };
  }
  return { do: 'fail', problem: result.detail ?? result.code ?? String(status) };
}

/** The item to try next of each thread: the oldest that is owed, for order within a thread is a promise. */
export function nextOfEachThread(items: readonly OutboxItem[]): OutboxItem[] {
  const seen = new Set<string>();
  const next: OutboxItem[] = [];
  for (const item of [...items].sort(byId)) {
    if (item.state === 'sent' || item.state === 'failed' || seen.has(item.thread)) continue;
    seen.add(item.thread);
    next.push(item);
  }
  return next;
}

/** Once the server has named a chat, everything else that was typed into it goes there too. */
export function adoptThread(items: readonly OutboxItem[], local: string, conversation: string): OutboxItem[] {
  return items.map((i) => (i.thread === local ? { ...i, thread: conversation } : i));
}

/**
 * The items to show below the records of a thread. An item whose record is here
 * already is left out, also in the moment when the stream was faster than the
 * answer: then it is the first later user message of the same text.
 */
export function stillToShow(items: readonly OutboxItem[], messages: readonly Message[]): OutboxItem[] {
  const claimed = new Set<string>();
  return [...items].sort(byId).filter((item) => {
    const twin = messages.find(
      (m) =>
        !claimed.has(m.id) &&
        m.role === 'user' &&
        (item.message ? m.id === item.message : item.state === 'sending' && m.text === item.text && isAfter(m, item)),
    );
    if (twin) claimed.add(twin.id);
    return !twin;
  });
}

const isAfter = (m: Message, item: OutboxItem) => !item.after || m.id > item.after;

const byId = (a: OutboxItem, b: OutboxItem) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
