import { openDB, type DBSchema, type IDBPDatabase, type OpenDBCallbacks } from 'idb';
import type { OutboxItem } from '../core/outbox';
import type { Conversation, Message } from '../core/protocol';

/** What this browser keeps. The page and the service worker open the same database by this one form. */
export interface Schema extends DBSchema {
  meta: { key: string; value: string };
  conversations: { key: string; value: Conversation };
  messages: { key: string; value: Message; indexes: { thread: [string, string] } };
  drafts: { key: string; value: { thread: string; text: string } };
  outbox: { key: string; value: OutboxItem };
}

/** Opens the database, and makes it where there is none. */
export function openHark(
  name = 'hark',
  callbacks: Pick<OpenDBCallbacks<Schema>, 'blocking'> = {},
): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, 1, {
    upgrade(db) {
      db.createObjectStore('meta');
      db.createObjectStore('conversations', { keyPath: 'id' });
      db.createObjectStore('messages', { keyPath: 'id' }).createIndex('thread', ['conversation', 'id']);
      db.createObjectStore('drafts', { keyPath: 'thread' });
      db.createObjectStore('outbox', { keyPath: 'id' });
    },
    ...callbacks,
  });
}
