import type { Db } from './db';

/** Where drafts go that IndexedDB has not confirmed when the page is taken away. */
const LAST_WORDS = 'hark-drafts';

/**
 * What is typed and not yet sent, per thread. Reading is immediate. Each change is
 * handed to IndexedDB before `put` returns; what it has not confirmed when the page
 * goes is kept by `leave` and found again at the next start.
 */
export class Drafts {
  #db: Db;
  #texts: Map<string, string>;
  #unconfirmed = new Map<string, number>();

  constructor(db: Db, texts: Map<string, string>) {
    this.#db = db;
    this.#texts = texts;
    for (const [thread, text] of lastWords()) this.put(thread, text);
  }

  get(thread: string): string {
    return this.#texts.get(thread) ?? '';
  }

  put(thread: string, text: string): void {
    if (text) this.#texts.set(thread, text);
    else this.#texts.delete(thread);
    this.#count(thread, 1);
    this.#db.putDraft(thread, text).then(
      () => this.#count(thread, -1),
      (cause: unknown) => console.warn('hark: could not keep the draft', cause),
    );
  }

  /** Lets go of a draft that became a message; what was typed since stays. */
  taken(thread: string, text: string): void {
    // A keystroke may have been written after the row was taken: the row must say what is here now.
    this.put(thread, this.get(thread).trim() === text ? '' : this.get(thread));
  }

  /** Keeps, in one step that cannot be cut short, what IndexedDB may not have. Call it when the page goes. */
  leave(): void {
    const unsure = [...this.#unconfirmed.keys()].map((thread) => [thread, this.get(thread)]);
    try {
      if (unsure.length) localStorage.setItem(LAST_WORDS, JSON.stringify(unsure));
    } catch {
      // Storage full or switched off: IndexedDB was told already.
    }
  }

  #count(thread: string, by: number): void {
    const left = (this.#unconfirmed.get(thread) ?? 0) + by;
    if (left) this.#unconfirmed.set(thread, left);
    else this.#unconfirmed.delete(thread);
  }
}

function lastWords(): [string, string][] {
  try {
    const kept = localStorage.getItem(LAST_WORDS);
    localStorage.removeItem(LAST_WORDS);
    return kept ? (JSON.parse(kept) as [string, string][]) : [];
  } catch {
    return [];
  }
}
