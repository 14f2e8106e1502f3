import type { Db } from './db';

/**
 * What is typed and not yet sent, per thread. Reading is immediate; each change is
 * on its way to IndexedDB when `put` returns, and only the newest of several waits.
 */
export class Drafts {
  #db: Db;
  #texts: Map<string, string>;
  #waiting = new Set<string>();
  #busy: Promise<void> | undefined;

  constructor(db: Db, texts: Map<string, string>) {
    this.#db = db;
    this.#texts = texts;
  }

  get(thread: string): string {
    return this.#texts.get(thread) ?? '';
  }

  put(thread: string, text: string): void {
    if (text) this.#texts.set(thread, text);
    else this.#texts.delete(thread);
    this.#waiting.add(thread);
    this.#busy ??= this.#write();
  }

  /** Forgets the draft in memory; its row left IndexedDB with the message it became. */
  async taken(thread: string, text: string): Promise<void> {
    await this.#busy;
    if (this.get(thread).trim() === text) this.#texts.delete(thread);
    // A keystroke may have been written between the two: the row must say what is here now.
    this.put(thread, this.get(thread));
  }

  async #write(): Promise<void> {
    try {
      for (const thread of this.#waiting) {
        this.#waiting.delete(thread);
        await this.#db.putDraft(thread, this.get(thread));
      }
    } catch (cause) {
      console.warn('hark: could not keep the draft', cause);
    } finally {
      this.#busy = undefined;
    }
  }
}
