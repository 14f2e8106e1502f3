import type { IDBPDatabase } from 'idb';
import type { OutboxItem } from '../core/outbox';
import type { Conversation, Message } from '../core/protocol';
import { openHark, type Schema } from './schema';

/** Changes to the cached records that belong together, and the cursor they lead to. */
export interface Changes {
  conversations: Conversation[];
  messages: Message[];
  gone: { kind: string; id: string }[];
  cursor?: string;
}

/** What a page needs before it can show anything. */
export interface Boot {
  conversations: Conversation[];
  drafts: Map<string, string>;
  outbox: OutboxItem[];
}

const wholeThread = (conversation: string, before?: string) =>
  IDBKeyRange.bound([conversation, ''], [conversation, before ?? '\uffff'], false, true);

/**
 * What this browser keeps: a cache of the server's records, which may be dropped
 * at any time, and what a person typed, which may not. A promise that resolves
 * means that the browser has taken the write.
 */
export class Db {
  #db: IDBPDatabase<Schema>;

  private constructor(db: IDBPDatabase<Schema>) {
    this.#db = db;
  }

  static async open(name = 'hark'): Promise<Db> {
    const db = await openHark(name, {
      // A later version of the app must be able to upgrade while this one is open.
      blocking: (_old, _new, event) => (event.target as IDBDatabase).close(),
    });
    return new Db(db);
  }

  async boot(): Promise<Boot> {
    const tx = this.#db.transaction(['conversations', 'drafts', 'outbox']);
    const [conversations, drafts, outbox] = await Promise.all([
      tx.objectStore('conversations').getAll(),
      tx.objectStore('drafts').getAll(),
      tx.objectStore('outbox').getAll(),
    ]);
    return { conversations, drafts: new Map(drafts.map((d) => [d.thread, d.text])), outbox };
  }

  cursor(): Promise<string | undefined> {
    return this.#db.get('meta', 'cursor');
  }

  /** What a part of the app keeps under its name for when the server can't be reached. Dropped with the cache. */
  kept(name: string): Promise<string | undefined> {
    return this.#db.get('meta', `kept-${name}`);
  }

  async keep(name: string, text: string): Promise<void> {
    await this.#db.put('meta', text, `kept-${name}`);
  }

  conversations(): Promise<Conversation[]> {
    return this.#db.getAll('conversations');
  }

  /** The newest `limit` stored messages of a thread that come before `before`, oldest first. */
  async messages(conversation: string, limit: number, before?: string): Promise<Message[]> {
    const found: Message[] = [];
    const index = this.#db.transaction('messages').store.index('thread');
    let at = await index.openCursor(wholeThread(conversation, before), 'prev');
    for (; at && found.length < limit; at = await at.continue()) found.push(at.value);
    return found.reverse();
  }

  /** Stored messages that contain `text`, newest first: what search can do without the server. */
  async search(text: string, limit: number): Promise<Message[]> {
    const needle = text.toLocaleLowerCase();
    const found: Message[] = [];
    let at = await this.#db.transaction('messages').store.openCursor(null, 'prev');
    for (; at && found.length < limit; at = await at.continue()) {
      if (at.value.text.toLocaleLowerCase().includes(needle)) found.push(at.value);
    }
    return found;
  }

  /** Writes changes and the cursor they lead to in one transaction: the cursor never runs ahead of the records. */
  async save(changes: Changes): Promise<void> {
    const tx = this.#db.transaction(['meta', 'conversations', 'messages'], 'readwrite');
    const conversations = tx.objectStore('conversations');
    const messages = tx.objectStore('messages');
    for (const c of changes.conversations) void conversations.put(c);
    for (const m of changes.messages) void messages.put(m);
    for (const g of changes.gone) {
      if (g.kind === 'message') void messages.delete(g.id);
      if (g.kind !== 'conversation') continue;
      void conversations.delete(g.id);
      for (const key of await messages.index('thread').getAllKeys(wholeThread(g.id))) void messages.delete(key);
    }
    if (changes.cursor) void tx.objectStore('meta').put(changes.cursor, 'cursor');
    await tx.done;
  }

  /** Forgets every cached record, the cursor and what parts keep. Drafts and the outbox stay. */
  async wipeCache(): Promise<void> {
    const tx = this.#db.transaction(['meta', 'conversations', 'messages'], 'readwrite');
    void tx.objectStore('meta').clear();
    void tx.objectStore('conversations').clear();
    void tx.objectStore('messages').clear();
    await tx.done;
  }

  async putDraft(thread: string, text: string): Promise<void> {
    const tx = this.#db.transaction('drafts', 'readwrite');
    void (text ? tx.store.put({ thread, text }) : tx.store.delete(thread)).catch(() => {});
    // Without this the browser asks the page once more before it commits, and a page that goes cannot answer.
    tx.commit();
    await tx.done;
  }

  /** Takes a message into the outbox and its draft out, both or neither. */
  async submit(item: OutboxItem, draftThread: string): Promise<void> {
    const tx = this.#db.transaction(['outbox', 'drafts'], 'readwrite', { durability: 'strict' });
    void tx.objectStore('outbox').put(item);
    void tx.objectStore('drafts').delete(draftThread);
    tx.commit();
    await tx.done;
  }

  outbox(): Promise<OutboxItem[]> {
    return this.#db.getAll('outbox');
  }

  async putOutbox(items: OutboxItem[]): Promise<void> {
    const tx = this.#db.transaction('outbox', 'readwrite');
    for (const item of items) void tx.store.put(item);
    await tx.done;
  }

  /** Writes the new state of an item, unless a person has deleted it meanwhile. */
  async updateOutbox(item: OutboxItem): Promise<boolean> {
    const tx = this.#db.transaction('outbox', 'readwrite');
    const there = (await tx.store.getKey(item.id)) !== undefined;
    if (there) void tx.store.put(item);
    await tx.done;
    return there;
  }

  async deleteOutbox(id: string): Promise<void> {
    await this.#db.delete('outbox', id);
  }
}
