import { ulid } from '../core/ids';
import type { ServerEvent } from '../core/protocol';
import { groupReminders, remade, type Reminder, type ReminderInput } from '../core/reminders';
import { deviceZone } from '../core/when';
import { reminderApi, type ReminderAct, type WithUpcoming } from '../net/reminders';

const newKey = () => ulid(Date.now(), crypto.getRandomValues(new Uint8Array(16)));

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

  get(id: string): Reminder | undefined {
    return this.#all.get(id);
  }

  async load(): Promise<void> {
    try {
      const { reminders } = await reminderApi.list();
      this.#all = new Map(reminders.map((r) => [r.id, r]));
      this.version++;
      this.state = 'ready';
    } catch {
      this.state = 'failed';
    }
  }

  /** Takes what the stream says. */
  heard(events: readonly ServerEvent[]): void {
    for (const ev of events) {
      if (ev.event === 'reminder') this.#put(ev.data);
      else if (ev.event === 'gone' && ev.data.kind === 'reminder') this.#drop(ev.data.id);
      else if (ev.event === 'ready' && this.state !== 'loading') void this.load();
    }
  }

  async add(input: ReminderInput): Promise<WithUpcoming> {
    return this.#put(await reminderApi.create(input, newKey()));
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

  /** Puts a record, unless a newer one is here: an answer may come later than the event that it caused. */
  #put<T extends Reminder>(r: T): T {
    const before = this.#all.get(r.id);
    if (!before || before.updated <= r.updated) {
      this.#all = new Map(this.#all).set(r.id, r);
      this.version++;
    }
    return r;
  }

  #drop(id: string): void {
    const next = new Map(this.#all);
    if (!next.delete(id)) return;
    this.#all = next;
    this.version++;
  }
}
