import { apply, emptyModel, putConversation, putMessage, type Change, type Model } from '../core/apply';
import { laterCursor } from '../core/cursor';
import { isRunning } from '../core/merge';
import type { Conversation, Message, ServerEvent } from '../core/protocol';
import type { Changes, Db } from './db';

/** Writing at once for each event would cost a transaction a frame while a long replay runs. */
const SAVE_AFTER = 250;

/**
 * The records in memory and their copy in IndexedDB. What is applied is told to
 * the listeners in the same call; what must be kept is written soon after, or on
 * `flush`, always together with the cursor it belongs to.
 */
export class Records {
  readonly model: Model = emptyModel();
  #db: Db;
  #listeners = new Set<(changes: Change[]) => void>();
  #conversations = new Map<string, Conversation>();
  #messages = new Map<string, Message>();
  #gone: { kind: string; id: string }[] = [];
  #cursor: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #holes = false;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Calls `listener` with every batch of changes. Returns how to stop. */
  onChange(listener: (changes: Change[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Applies events of the stream; `store` when this tab is the one that writes. */
  batch(events: readonly ServerEvent[], store: boolean): void {
    const changes: Change[] = [];
    for (const ev of events) {
      const change = apply(this.model, ev);
      if (change) changes.push(change);
      if (store) this.#keep(ev);
    }
    this.#tell(changes);
  }

  /** Puts records that a page of the server brought, and stores them. */
  page(conversations: readonly Conversation[], messages: readonly Message[], cursor?: string): void {
    const changes = this.#put(conversations, messages);
    for (const c of changes) {
      if (c.kind === 'message') this.#messages.set(c.message.id, c.message);
      if (c.kind === 'conversation') this.#conversations.set(c.conversation.id, c.conversation);
    }
    if (cursor) this.#cursor = cursor;
    this.#later();
    this.#tell(changes);
  }

  /** Puts records that IndexedDB held; they need no writing. */
  stored(conversations: readonly Conversation[], messages: readonly Message[]): void {
    this.#tell(this.#put(conversations, messages));
  }

  /** Forgets the conversations that are not in `keep`; they may come back. */
  forgetConversations(keep: ReadonlySet<string>): void {
    const left = [...this.model.conversations.keys()].filter((id) => !keep.has(id));
    for (const id of left) this.model.conversations.delete(id);
    this.#tell(left.map((id) => ({ kind: 'gone-conversation', id })));
  }

  /** Every reply that runs now, with its text so far. */
  running(): Message[] {
    return [...this.model.messages.values()].filter(isRunning);
  }

  /** Forgets everything cached, here and in IndexedDB. */
  async reset(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#take();
    this.clear();
    this.#writing = this.#writing.then(() => this.#db.wipeCache());
    await this.#writing;
  }

  /** Forgets what is in memory; IndexedDB is the truth. */
  clear(): void {
    const changes: Change[] = [];
    for (const id of this.model.messages.keys()) changes.push({ kind: 'gone-message', id });
    for (const id of this.model.conversations.keys()) changes.push({ kind: 'gone-conversation', id });
    Object.assign(this.model, emptyModel());
    this.#tell(changes);
  }

  /** Resolves when IndexedDB holds all that was applied before. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changes = this.#take();
    const empty = !changes.cursor && !changes.conversations.length && !changes.messages.length && !changes.gone.length;
    if (!empty) this.#writing = this.#writing.then(() => this.#save(changes));
    return this.#writing;
  }

  async #save(changes: Changes): Promise<void> {
    try {
      await this.#db.save(this.#holes ? { ...changes, cursor: undefined } : changes);
    } catch (cause) {
      // A full or broken store costs only the cache: with the cursor left behind, the records come again.
      this.#holes = true;
      console.warn('hark: could not cache records', cause);
    }
  }

  #put(conversations: readonly Conversation[], messages: readonly Message[]): Change[] {
    return [
      ...conversations.map((c) => putConversation(this.model, c)),
      ...messages.map((m) => putMessage(this.model, m)),
    ].filter((c) => c !== undefined);
  }

  #keep(ev: ServerEvent): void {
    if (ev.event === 'message') this.#messages.set(ev.data.id, ev.data);
    else if (ev.event === 'conversation') this.#conversations.set(ev.data.id, ev.data);
    else if (ev.event === 'gone') {
      this.#gone.push(ev.data);
      if (ev.data.kind === 'message') this.#messages.delete(ev.data.id);
      if (ev.data.kind === 'conversation') this.#conversations.delete(ev.data.id);
    }
    if (ev.id) this.#cursor = laterCursor(this.#cursor, ev.id);
    this.#later();
  }

  #take() {
    const taken = {
      conversations: [...this.#conversations.values()],
      messages: [...this.#messages.values()],
      gone: this.#gone,
      cursor: this.#cursor,
    };
    this.#conversations.clear();
    this.#messages.clear();
    this.#gone = [];
    this.#cursor = undefined;
    return taken;
  }

  #later(): void {
    this.#timer ??= setTimeout(() => void this.flush(), SAVE_AFTER);
  }

  #tell(changes: Change[]): void {
    if (changes.length) for (const listener of this.#listeners) listener(changes);
  }
}
