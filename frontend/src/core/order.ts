import type { Conversation } from './protocol';

/** The conversation list: the inbox first, then by latest message, newest first; ties by id, so that rows never swap. */
export function sortConversations(list: Iterable<Conversation>): Conversation[] {
  return [...list].sort(
    (a, b) =>
      Number(b.inbox) - Number(a.inbox) ||
      compare(b.last_at ?? b.created, a.last_at ?? a.created) ||
      compare(b.id, a.id),
  );
}

/** Messages of a thread in the server's order, which is that of their ids. */
export function sortById<T extends { id: string }>(list: Iterable<T>): T[] {
  return [...list].sort((a, b) => compare(a.id, b.id));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
