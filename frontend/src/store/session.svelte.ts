import { keepOnly } from '../core/apply';
import type { ServerEvent, ServerStatus } from '../core/protocol';
import { speak } from '../i18n/language';
import { onUnauthorized } from '../net/api';
import type { LineState } from '../net/connection';
import { Live } from '../net/live';
import { server } from '../net/server';
import { Conversations } from './conversations.svelte';
import { Db, type Boot } from './db';
import { Drafts } from './drafts';
import { Outbox } from './outbox.svelte';
import { Records } from './records';
import { Thread } from './thread.svelte';

/** Everything the app knows, wired together. One per page. */
export class Session {
  readonly db: Db;
  readonly records: Records;
  readonly conversations: Conversations;
  readonly drafts: Drafts;
  readonly outbox: Outbox;
  readonly live: Live;

  line = $state<LineState>('connecting');
  /** True once the list has come from the server or from IndexedDB. */
  listed = $state(false);
  thread = $state.raw<Thread>();
  /** What answers, as the server last said. */
  status = $state.raw<ServerStatus>();
  /** Milliseconds that the server's clock is ahead of this one, as far as is known. */
  ahead = $state(0);
  /** Called when a chat that began here got its id from the server. */
  onNamed: (local: string, conversation: string) => void = () => {};

  #fetching = new Set<string>();
  #onNews: ((message: string, key: string) => void) | undefined;
  #news: [message: string, key: string][] = [];
  #heard = new Set<(events: readonly ServerEvent[]) => void>();

  private constructor(db: Db, boot: Boot, cursor: string | undefined) {
    this.db = db;
    this.records = new Records(db);
    this.records.stored(boot.conversations, []);
    this.listed = cursor !== undefined;
    this.conversations = new Conversations(this.records);
    this.drafts = new Drafts(db, boot.drafts);
    this.live = new Live({
      since: () => this.#since(),
      batch: (events, own) => this.#batch(events, own),
      state: (state) => this.#setLine(state),
      reset: () => this.#reset(),
      flush: () => this.records.flush(),
      reload: () => this.#reload(),
      running: () => this.records.running(),
      outbox: () => void this.outbox.reload(),
    });
    this.outbox = new Outbox({
      db,
      drafts: this.drafts,
      records: this.records,
      items: boot.outbox,
      named: (local, conversation) => this.onNamed(local, conversation),
      changed: () => this.live.outboxChanged(),
    });
    this.records.onChange((changes) => {
      for (const c of changes) if (c.kind === 'gap') void this.#fetch(c.id);
    });
  }

  /** Opens the stored state; nothing has been asked of the server when it resolves. */
  static async open(): Promise<Session> {
    const db = await Db.open();
    const [boot, cursor] = await Promise.all([db.boot(), db.cursor()]);
    return new Session(db, boot, cursor);
  }

  /** Begins to talk with the server. */
  start(): void {
    onUnauthorized(() => (this.line = 'unpaired'));
    this.live.start();
    this.outbox.run();
    addEventListener('pagehide', () => {
      this.drafts.leave();
      void this.records.flush();
    });
  }

  /** This browser has just been paired: go on where it was. */
  paired(): void {
    this.line = 'connecting';
    this.live.wake();
    this.outbox.run();
  }

  /** Shows a thread; an empty id is a chat that has not begun. */
  openThread(id: string): Thread {
    if (this.thread?.id === id) return this.thread;
    this.thread?.close();
    keepOnly(this.records.model, id);
    const thread = new Thread(id, this.records, this.db, this.conversations.get(id));
    this.thread = thread;
    void thread.open();
    return thread;
  }

  closeThread(): void {
    this.thread?.close();
    this.thread = undefined;
  }

  /** Calls `listener` with the events of the stream, for the parts that keep records of their own. Returns how to stop. */
  onEvents(listener: (events: readonly ServerEvent[]) => void): () => void {
    this.#heard.add(listener);
    return () => this.#heard.delete(listener);
  }

  /** Calls `listener` with news that is on the screen of a page in front, also with what was there before. */
  onNews(listener: (message: string, key: string) => void): void {
    this.#onNews = listener;
    for (const news of this.#news.splice(0)) listener(...news);
  }

  /** News is on the screen; `key` names the state that the message is in. */
  sawNews(message: string, key: string): void {
    if (this.#onNews) this.#onNews(message, key);
    else this.#news.push([message, key]);
  }

  async loadStatus(): Promise<void> {
    this.status = await server.status().catch(() => this.status);
    if (this.status) speak(this.status.language ?? '');
  }

  async #since(): Promise<string | undefined> {
    await this.records.flush();
    const cursor = await this.db.cursor();
    if (cursor) return cursor;
    const list = await server.conversations();
    this.records.page(list.conversations, [], list.cursor);
    await this.records.flush();
    this.listed = true;
    return list.cursor;
  }

  #batch(events: readonly ServerEvent[], own: boolean): void {
    this.records.batch(events, own);
    const hello = events.findLast((ev) => ev.event === 'hello' || ev.event === 'beat');
    if (hello && 'time' in hello.data) this.ahead = Date.parse(hello.data.time) - Date.now();
    for (const listener of this.#heard) listener(events);
    if (events.some((ev) => ev.event === 'ready' || ev.event === 'hello')) this.outbox.run();
  }

  async #reset(): Promise<void> {
    await this.records.reset();
    this.thread?.invalidate();
  }

  #setLine(state: LineState): void {
    this.line = state;
    if (state !== 'live') return;
    this.listed = true;
    this.outbox.run();
    void this.thread?.verify();
    if (!this.status) void this.loadStatus();
  }

  /** Another tab writes IndexedDB; take over what it holds. */
  async #reload(): Promise<void> {
    const conversations = await this.db.conversations();
    const thread = this.thread;
    const messages = thread ? await this.db.messages(thread.id, 200) : [];
    this.records.forgetConversations(new Set(conversations.map((c) => c.id)));
    this.records.stored(conversations, messages);
    thread?.invalidate();
    void thread?.verify();
    await this.outbox.reload();
  }

  /** A delta did not fit: get the whole message, once. */
  async #fetch(id: string): Promise<void> {
    if (this.#fetching.has(id)) return;
    this.#fetching.add(id);
    try {
      this.records.page([], [await server.message(id)]);
    } catch {
      // It comes again with the next delta or the next connection.
    } finally {
      this.#fetching.delete(id);
    }
  }
}
