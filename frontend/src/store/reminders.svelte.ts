import { ulid } from '../core/ids';
import type { ServerEvent } from '../core/protocol';
import { groupReminders, remade, type Reminder, type ReminderInput } from '../core/reminders';
import { deviceZone } from '../core/when';
import { reminderApi, type ReminderAct, type WithUpcoming } from '../net/reminders';

/** What tells one wish from the next. */
export const newKey = () => ulid(Date.now(), crypto.getRandomValues(new Uint8Array(16)));

/** Where the last list is kept for offline days. */
export interface Cache {
  kept(name: string): Promise<string | undefined>;
  keep(name: string, text: string): Promise<void>;
}

/** Offline nobody looks through more; a list of a hundred thousand must not be written at each change. */
const KEPT = 500;
const KEEP_AFTER = 1_000;

/** Puts a record, unless a newer one is here: an answer may come later than the event that it caused. */
function isNews(all: Map<string, Reminder>, r: Reminder): boolean {
  const before = all.get(r.id);
  if (before && before.updated > r.updated) return false;
  all.set(r.id, r);
  return true;
}

/**
 * The reminders as the server has them, kept current by its events. What a person
 * does shows at once when the server has answered; nothing is guessed ahead of it.
 */
export class Reminders {
  #all = $state.raw<ReadonlyMap<string, Reminder>>(new Map());
  #hidden = $state.raw<ReadonlySet<string>>(new Set());
  /** `failed` keeps what was there. */
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Grows with every change, for the pictures that are fetched. */
  version = $state(0);
  readonly groups = $derived(groupReminders([...this.#all.values()].filter((r) => !this.#hidden.has(r.id))));
  readonly empty = $derived(this.#all.size === 0);

  #doomed = new Map<string, ReturnType<typeof setTimeout>>();
  #cache: Cache | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  /** With a cache the reminders can be read offline, as they last were. */
  constructor(cache?: Cache) {
    this.#cache = cache;
  }

  get(id: string): Reminder | undefined {
    return this.#all.get(id);
  }

  async load(): Promise<void> {
    try {
      const { reminders } = await reminderApi.list();
      this.#replace(new Map(reminders.map((r) => [r.id, r])));
      this.state = 'ready';
    } catch {
      if (this.state === 'loading') await this.#recall();
      this.state = 'failed';
    }
  }

  /** Takes what the stream says. */
  heard(events: readonly ServerEvent[]): void {
    const next = new Map(this.#all);
    let changed = false;
    for (const ev of events) {
      if (ev.event === 'reminder') changed = isNews(next, ev.data) || changed;
      else if (ev.event === 'gone' && ev.data.kind === 'reminder') changed = next.delete(ev.data.id) || changed;
      else if (ev.event === 'ready' && this.state !== 'loading') void this.load();
    }
    if (changed) this.#replace(next);
  }

  /** Makes a reminder; with the same key it is one, however often it is tried. */
  async add(input: ReminderInput, key = newKey()): Promise<WithUpcoming> {
    return this.#put(await reminderApi.create(input, key));
  }

  async change(id: string, input: ReminderInput): Promise<WithUpcoming> {
    return this.#put(await reminderApi.change(id, input));
  }

  async act(id: string, act: ReminderAct): Promise<Reminder> {
    return this.#put(await reminderApi.act(id, act));
  }

  async snooze(id: string, time: string): Promise<Reminder> {
    return this.#put(await reminderApi.snooze(id, time, deviceZone()));
  }

  /**
   * Deletes a reminder and returns how to bring it back. One that is over can't be made again, so it is only hidden
   * until `forget` or for `patience` milliseconds; any other is gone at once, lest it come while it can be undone.
   */
  async delete(id: string, patience: number): Promise<() => Promise<void>> {
    const before = this.#all.get(id);
    if (before?.state === 'done') {
      this.#hide(id, true);
      this.#doomed.set(
        id,
        setTimeout(() => this.#finish(id), patience),
      );
      return async () => {
        clearTimeout(this.#doomed.get(id));
        this.#doomed.delete(id);
        this.#hide(id, false);
      };
    }
    await reminderApi.delete(id);
    this.#drop(id);
    return async () => {
      if (!before) return;
      const made = await this.add(remade(before));
      if (before.state === 'paused') await this.act(made.id, 'pause');
    };
  }

  /** Deletes now what only waits to be deleted. */
  forget(): void {
    for (const [id, timer] of this.#doomed) {
      clearTimeout(timer);
      this.#finish(id);
    }
  }

  #keep(): void {
    const soonest = [...this.groups.next, ...this.groups.recurring, ...this.groups.done].slice(0, KEPT);
    this.#cache?.keep('reminders', JSON.stringify(soonest)).catch(() => {}); // Offline they are missed, no more.
  }

  async #recall(): Promise<void> {
    const text = await this.#cache?.kept('reminders').catch(() => undefined);
    if (!text) return;
    const kept = JSON.parse(text) as Reminder[];
    this.#all = new Map(kept.map((r) => [r.id, r]));
  }

  #finish(id: string): void {
    this.#doomed.delete(id);
    reminderApi.delete(id).then(
      () => this.#drop(id),
      () => this.#hide(id, false),
    );
  }

  #hide(id: string, hidden: boolean): void {
    const next = new Set(this.#hidden);
    if (hidden) next.add(id);
    else next.delete(id);
    this.#hidden = next;
  }

  #put<T extends Reminder>(r: T): T {
    const next = new Map(this.#all);
    if (isNews(next, r)) this.#replace(next);
    return r;
  }

  #drop(id: string): void {
    const next = new Map(this.#all);
    if (next.delete(id)) this.#replace(next);
  }

  #replace(all: ReadonlyMap<string, Reminder>): void {
    this.#all = all;
    this.version++;
    if (!this.#cache) return;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => this.#keep(), KEEP_AFTER);
  }
}
