import { isRunning } from '../core/merge';
import type { Change } from '../core/apply';
import type { Conversation, Message } from '../core/protocol';
import { firstUnread } from '../core/unread';
import { ApiError } from '../net/api';
import { server } from '../net/server';
import type { Db } from './db';
import { isLocal } from './outbox.svelte';
import type { Records } from './records';

/** One message in its place; only its content changes, so a reply that grows redraws one row. */
export class Entry {
  readonly id: string;
  readonly role: Message['role'];
  readonly created: string;
  readonly branchOf: string | undefined;
  message: Message = $state.raw()!;

  constructor(message: Message) {
    this.id = message.id;
    this.role = message.role;
    this.created = message.created;
    this.branchOf = message.branch_of;
    this.message = message;
  }
}

const PAGE = 60;
/** Milliseconds that a thread waits for its first unread message when it has others to show. */
const PATIENCE = 1500;
/** Looking for an old message reads larger pages: nobody watches them one by one. */
const LONG_PAGE = 200;

/**
 * The open thread: a window from some message to the newest, without holes. It
 * shows what IndexedDB has at once and what the server says as soon as it answers.
 */
export class Thread {
  readonly id: string;
  entries = $state.raw<Entry[]>([]);
  /** Older messages exist on the server, or in IndexedDB while it cannot be reached. */
  more = $state(false);
  loading = $state<'first' | 'older' | undefined>('first');
  /** Where the unread divider stands. */
  unreadFrom = $state<string>();
  /** The newest reply that is not finished. */
  running = $state.raw<Message>();
  /** Replies that a person has asked to stop and the server has not yet. */
  stopping = $state.raw<ReadonlySet<string>>(new Set());

  #records: Records;
  #db: Db;
  #byId = new Map<string, Entry>();
  #marked = '';
  #unread: number;
  #readUpto: string | undefined;
  #verified = false;
  #under: Promise<boolean> | undefined;
  #off: () => void;

  constructor(id: string, records: Records, db: Db, conversation: Conversation | undefined) {
    this.id = id;
    this.#records = records;
    this.#db = db;
    this.#unread = conversation?.unread ?? 0;
    this.#readUpto = conversation?.read_upto;
    this.#off = records.onChange((changes) => this.#take(changes));
  }

  /** Shows the newest messages; resolves when something is there to show. */
  async open(): Promise<void> {
    if (isLocal(this.id) || !this.id) {
      this.loading = undefined;
      return;
    }
    const stored = await this.#db.messages(this.id, PAGE);
    this.#records.stored([], stored);
    const all = this.#records.model.messages.values();
    this.#add([...all].filter((m) => m.conversation === this.id));
    this.more = stored.length === PAGE;
    const verified = this.verify();
    // Without the first unread message there is no saying where to begin.
    if (!this.entries.length) await verified;
    else if (!this.#reachesUnread()) await Promise.race([verified, new Promise((go) => setTimeout(go, PATIENCE))]);
    this.#placeDivider();
    this.loading = undefined;
  }

  /** Fetches the newest page unless that has happened; call again when the line is back. */
  async verify(): Promise<void> {
    if (this.#verified || isLocal(this.id) || !this.id) return;
    try {
      const page = await server.messages(this.id, PAGE);
      this.#verified = true;
      this.#records.page([], page.messages);
      this.#dropStale(page.messages, page.more);
      if (this.entries.length <= page.messages.length) this.more = page.more;
      this.#placeDivider();
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
    }
  }

  /** Loads the page before the oldest message that is here. Resolves true when it brought something. */
  older(limit = PAGE): Promise<boolean> {
    const oldest = this.entries[0]?.id;
    if (!oldest || !this.more || this.loading === 'first') return Promise.resolve(false);
    // Who asks while a page is under way waits for that one.
    this.#under ??= this.#loadOlder(oldest, limit).finally(() => (this.#under = undefined));
    return this.#under;
  }

  async #loadOlder(oldest: string, limit: number): Promise<boolean> {
    this.loading = 'older';
    try {
      const page = await server.messages(this.id, limit, oldest).catch(async (cause: unknown) => {
        if (!(cause instanceof ApiError) || cause.status) throw cause;
        const messages = await this.#db.messages(this.id, limit, oldest);
        return { messages, more: messages.length === limit };
      });
      this.more = page.more;
      this.#records.page([], page.messages);
      return page.messages.length > 0;
    } catch {
      return false;
    } finally {
      this.loading = undefined;
    }
  }

  /** Makes sure that a message is in the window, however old. False when it is not in this thread any more. */
  async reach(message: string): Promise<boolean> {
    await this.verify();
    while (!this.#byId.has(message)) {
      const oldest = this.entries[0]?.id;
      if (!oldest || oldest < message || !(await this.older(LONG_PAGE))) return this.#byId.has(message);
    }
    return true;
  }

  /** The newest message is in front of a reader's eyes: tell the server, once. */
  async read(upto: string, unread: number): Promise<void> {
    if (upto <= this.#marked || (!unread && !this.#marked)) return;
    const before = this.#marked;
    this.#marked = upto;
    await server.read(this.id, upto).catch(() => (this.#marked = before));
  }

  /** Asks the server to stop a reply. It counts as stopped only when the server's record says so. */
  async stop(message: string): Promise<void> {
    this.stopping = new Set([...this.stopping, message]);
    try {
      await server.stop(message);
    } catch (cause) {
      this.#notStopping(message);
      throw cause;
    }
  }

  /** The cache was dropped: what the server says is needed again. */
  invalidate(): void {
    this.#verified = false;
  }

  get newest(): string | undefined {
    return this.entries.at(-1)?.id;
  }

  close(): void {
    this.#off();
  }

  #take(changes: readonly Change[]): void {
    const fresh: Message[] = [];
    let dropped = false;
    for (const c of changes) {
      if (c.kind === 'message' && c.message.conversation === this.id) {
        const entry = this.#byId.get(c.message.id);
        if (entry) entry.message = c.message;
        else fresh.push(c.message);
        if (!isRunning(c.message)) this.#notStopping(c.message.id);
      }
      if (c.kind === 'gone-message') dropped = this.#byId.delete(c.id) || dropped;
    }
    if (dropped) this.entries = this.entries.filter((e) => this.#byId.has(e.id));
    if (fresh.length) this.#add(fresh);
    this.#findRunning();
  }

  #add(messages: readonly Message[]): void {
    const newest = this.newest ?? '';
    const added: Entry[] = [];
    for (const m of messages) {
      // One batch may bring several states of a message that is new here.
      const there = this.#byId.get(m.id);
      if (there) there.message = m;
      else this.#byId.set(m.id, added[added.push(new Entry(m)) - 1]!);
    }
    this.entries = [...this.entries, ...added].sort((a, b) => (a.id < b.id ? -1 : 1));
    if (!this.unreadFrom && document.hidden && newest) {
      this.unreadFrom = added.find((e) => e.id > newest && e.role === 'assistant')?.id;
    }
    this.#findRunning();
  }

  /**
   * A push may come after its message was deleted, and leave a copy that no event of the stream takes away:
   * what the server's newest page should hold and does not is gone.
   */
  #dropStale(page: readonly Message[], more: boolean): void {
    const oldest = more ? (page[0]?.id ?? '') : '';
    const there = new Set(page.map((m) => m.id));
    for (const { message: m } of this.entries) {
      if (!m.cut || m.id < oldest || there.has(m.id)) continue;
      this.#records.batch([{ event: 'gone', data: { kind: 'message', id: m.id } }], true);
    }
  }

  /** Whether all that is unread is here, as far as the conversation's record tells. */
  #reachesUnread(): boolean {
    if (!this.#unread) return true;
    if (this.#readUpto) return (this.entries[0]?.id ?? '') <= this.#readUpto;
    return this.entries.filter((e) => e.role === 'assistant').length >= this.#unread;
  }

  #placeDivider(): void {
    if (this.#unread && !this.unreadFrom) this.unreadFrom = firstUnread(this.entries, this.#unread, this.#readUpto);
  }

  #findRunning(): void {
    this.running = this.entries.findLast((e) => isRunning(e.message))?.message;
  }

  #notStopping(message: string): void {
    if (this.stopping.has(message)) this.stopping = new Set([...this.stopping].filter((m) => m !== message));
  }
}
