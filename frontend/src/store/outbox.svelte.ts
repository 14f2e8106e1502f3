import { ulid } from '../core/ids';
import { adoptThread, decide, nextOfEachThread, type OutboxItem, type SendResult } from '../core/outbox';
import type { ChatAccepted } from '../core/protocol';
import { ApiError } from '../net/api';
import { server } from '../net/server';
import type { Db } from './db';
import type { Drafts } from './drafts';
import type { Records } from './records';

/** A thread that the server does not know yet. */
export const isLocal = (thread: string): boolean => thread.startsWith('~');

interface OutboxOptions {
  db: Db;
  drafts: Drafts;
  records: Records;
  items: OutboxItem[];
  /** The server has named a chat that began here. */
  named(local: string, conversation: string): void;
  /** Other tabs should read the outbox again. */
  changed(): void;
}

/**
 * Sends what was typed: in order within a thread, each message once however often
 * it is tried, through reloads and offline days. Of all tabs one sends at a time.
 */
export class Outbox {
  #items = $state.raw<OutboxItem[]>([]);
  #options: OutboxOptions;
  #running = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#items = options.items;
    options.records.onChange((changes) => {
      for (const c of changes) {
        if (c.kind === 'message' && !c.before) this.#arrived(c.message.id);
        if (c.kind === 'gone-message') this.#arrived(c.id);
      }
    });
  }

  /** Everything owed, oldest first. */
  get items(): readonly OutboxItem[] {
    return this.#items;
  }

  of(thread: string): OutboxItem[] {
    return this.#items.filter((i) => i.thread === thread);
  }

  /**
   * Takes a text. When the promise resolves it is in IndexedDB and its draft is
   * gone, so the composer may let go; when it rejects nothing has changed.
   */
  async submit(text: string, thread: string, draftThread: string, after?: string): Promise<OutboxItem> {
    const id = ulid(Date.now(), crypto.getRandomValues(new Uint8Array(16)));
    const item: OutboxItem = {
      id,
      thread: thread || `~${id}`,
      text,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      created: new Date().toISOString(),
      state: 'queued',
      tries: 0,
      after,
    };
    await this.#options.db.submit(item, draftThread);
    this.#items = [...this.#items.filter((i) => i.id !== id), item];
    this.#options.changed();
    this.run();
    return item;
  }

  /** Tries a failed message again, as a new one: the server has refused the old key. */
  async retry(id: string): Promise<void> {
    const item = this.#items.find((i) => i.id === id);
    if (!item) return;
    await this.remove(id);
    await this.submit(item.text, item.thread, '', item.after);
  }

  async remove(id: string): Promise<void> {
    await this.#options.db.deleteOutbox(id);
    this.#items = this.#items.filter((i) => i.id !== id);
    this.#options.changed();
  }

  /** Reads IndexedDB again, after another tab has changed it. */
  async reload(): Promise<void> {
    const before = this.#items;
    this.#items = await this.#options.db.outbox();
    for (const item of this.#items) {
      const old = before.find((b) => b.id === item.id);
      if (old && isLocal(old.thread) && !isLocal(item.thread)) this.#options.named(old.thread, item.thread);
    }
    this.run();
  }

  /** Sends whatever can be sent now. Cheap to call at any sign that the line is back. */
  run(): void {
    clearTimeout(this.#timer);
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    void this.#locked(() => this.#sendAll())
      .catch((cause: unknown) => {
        console.warn('hark: outbox', cause);
        this.#timer = setTimeout(() => this.run(), 30_000);
      })
      .finally(() => {
        this.#running = false;
        if (this.#again) {
          this.#again = false;
          this.run();
        }
      });
  }

  async #locked(work: () => Promise<void>): Promise<void> {
    if (!navigator.locks) return work();
    await navigator.locks.request('hark-outbox', { ifAvailable: true }, async (lock) => {
      if (lock) await work();
      else this.#timer = setTimeout(() => this.run(), 1_000);
    });
  }

  async #sendAll(): Promise<void> {
    this.#items = await this.#options.db.outbox();
    for (let next = nextOfEachThread(this.#items); next.length; next = nextOfEachThread(this.#items)) {
      const waits = await Promise.all(next.map((item) => this.#send(item)));
      const longest = waits.filter((w) => w !== undefined);
      if (longest.length) {
        this.#timer = setTimeout(() => this.run(), Math.min(...longest));
        return;
      }
    }
  }

  /** One try. Returns how long to wait before the next when this one did not settle the item. */
  async #send(item: OutboxItem): Promise<number | undefined> {
    await this.#update({ ...item, state: 'sending', tries: item.tries + 1 });
    let accepted: ChatAccepted | undefined;
    const result = await server
      .chat({ text: item.text, zone: item.zone, ...target(item.thread) }, item.id)
      .then((a): SendResult => ((accepted = a), { status: 202 }))
      .catch(resultOf);
    const decision = decide(result, item.tries);
    switch (decision.do) {
      case 'accept':
        await this.#accepted(item, accepted);
        return undefined;
      case 'fail':
        await this.#update({ ...item, state: 'failed', problem: decision.problem });
        return undefined;
      case 'pair':
        await this.#update({ ...item, state: 'queued' });
        return 3_600_000;
      case 'wait':
        await this.#update({ ...item, state: 'queued', tries: item.tries + 1 });
        return decision.wait;
    }
  }

  async #accepted(item: OutboxItem, accepted: ChatAccepted | undefined): Promise<void> {
    if (!accepted) return;
    const { conversation, user_message } = accepted;
    const sent: OutboxItem = { ...item, thread: conversation, state: 'sent', message: user_message };
    const others = adoptThread(await this.#options.db.outbox(), item.thread, conversation);
    const all = others.map((i) => (i.id === item.id ? sent : i));
    await this.#options.db.putOutbox(all);
    this.#items = all;
    if (item.thread !== conversation) this.#options.named(item.thread, conversation);
    this.#options.changed();
    if (this.#options.records.model.messages.has(user_message)) this.#arrived(user_message);
  }

  async #update(item: OutboxItem): Promise<void> {
    if (!(await this.#options.db.updateOutbox(item))) return;
    this.#items = this.#items.map((i) => (i.id === item.id ? item : i));
  }

  #arrived(message: string): void {
    const item = this.#items.find((i) => i.message === message);
    if (item) void this.remove(item.id);
  }
}

const target = (thread: string) => (isLocal(thread) ? {} : { conversation: thread });

const resultOf = (cause: unknown): SendResult =>
  cause instanceof ApiError
    ? { status: cause.status, code: cause.code, detail: cause.message, retryAfter: cause.retryAfter }
    : { status: 0 };
