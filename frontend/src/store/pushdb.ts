import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

/** Word to the server of what became of a notification. `receipt` is the server's own proof, passed back as it came. */
export interface Receipt {
  receipt: string;
  event: 'shown' | 'clicked' | 'closed' | 'acted';
  /** Name of the button, with `acted`. */
  action?: string;
}

/** Why a button on a notification did not do what it says. */
export interface Failure {
  /** Words on the button. */
  action: string;
  /** `offline`: nothing was sent. `unsure`: no answer came in time. `refused`: the server said no, for `detail`. */
  why: 'offline' | 'unsure' | 'refused';
  detail?: string;
}

/** Where a tap on a notification leads. */
export interface Opening {
  /** Path in the app. */
  navigate: string;
  message?: string;
  conversation?: string;
  failed?: Failure;
}

interface Schema extends DBSchema {
  receipts: { key: number; value: Receipt & { at: number } };
  opening: { key: 'now'; value: Opening & { at: number } };
}

/** Receipts are told for the sake of the sender's next days; older or more than this say nothing to anybody. */
const KEEP_MS = 7 * 86_400_000;
const KEEP = 200;
/** A tap that no page has answered for so long is no wish any more. */
const OPENING_MS = 60_000;

/**
 * What the service worker has to remember of notifications. A database of its own: it must work when the
 * cache of records is full, being upgraded or broken.
 */
export class PushDb {
  #name: string;

  constructor(name = 'hark-push') {
    this.#name = name;
  }

  async addReceipt(receipt: Receipt, at = Date.now()): Promise<void> {
    await this.#use(async (db) => {
      const tx = db.transaction('receipts', 'readwrite');
      void tx.store.add({ ...receipt, at });
      const keys = await tx.store.getAllKeys();
      for (const key of keys.slice(0, Math.max(0, keys.length - KEEP))) void tx.store.delete(key);
      await tx.done;
    });
  }

  /** Receipts that could not be sent, oldest first, with the key to drop each by. */
  receipts(now = Date.now()): Promise<[number, Receipt][]> {
    return this.#use(async (db) => {
      const tx = db.transaction('receipts');
      const [keys, values] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
      return values.flatMap(({ at, ...receipt }, n): [number, Receipt][] =>
        now - at < KEEP_MS ? [[keys[n]!, receipt]] : [],
      );
    });
  }

  dropReceipt(key: number): Promise<void> {
    return this.#use((db) => db.delete('receipts', key));
  }

  /** Remembers where a tap leads, for a page that starts or wakes somewhere else than it was told to. */
  async setOpening(opening: Opening, at = Date.now()): Promise<void> {
    await this.#use((db) => db.put('opening', { ...opening, at }, 'now'));
  }

  /** Where the last tap leads, once, and only within a minute of it. */
  takeOpening(now = Date.now()): Promise<Opening | undefined> {
    return this.#use(async (db) => {
      const tx = db.transaction('opening', 'readwrite');
      const found = await tx.store.get('now');
      void tx.store.delete('now');
      await tx.done;
      if (!found || now - found.at > OPENING_MS) return undefined;
      const { navigate, message, conversation, failed } = found;
      return { navigate, message, conversation, ...(failed ? { failed } : {}) };
    });
  }

  /** Opened for one errand: a worker that sleeps must not stand in the way of an upgrade. */
  async #use<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    const db = await openDB<Schema>(this.#name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('receipts', { autoIncrement: true });
        fresh.createObjectStore('opening');
      },
    });
    try {
      return await work(db);
    } finally {
      db.close();
    }
  }
}
