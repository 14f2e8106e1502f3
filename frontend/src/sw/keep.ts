import { mergeMessage } from '../core/merge';
import type { Message } from '../core/protocol';
import { openHark } from '../store/schema';
import { string, type Json } from './json';

/**
 * Puts the message of a push where the page looks for it, by the page's own rule of merging, so that a tap
 * opens it without a line. What a page has stored whole stays as it is.
 */
export async function keep(record: Json, name?: string): Promise<void> {
  const message = messageOf(record);
  if (!message) return;
  const db = await openHark(name);
  try {
    const tx = db.transaction('messages', 'readwrite');
    const old = await tx.store.get(message.id);
    const merged = mergeMessage(old, message);
    if (merged !== old) void tx.store.put(merged);
    await tx.done;
  } finally {
    db.close();
  }
}

/** The record as the page expects one, older than any that the server will send of the same message. */
function messageOf(record: Json): Message | undefined {
  const [id, conversation, created] = [record['id'], record['conversation'], record['created']].map(string);
  if (!id || !conversation || !created) return undefined;
  return {
    ...(record as unknown as Message),
    role: record['role'] === 'user' ? 'user' : 'assistant',
    status: (string(record['status']) ?? 'done') as Message['status'],
    text: string(record['text']) ?? '',
    attempt: 0,
    updated: created,
    cut: true,
  };
}
