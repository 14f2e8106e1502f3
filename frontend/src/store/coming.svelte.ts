import type { ServerEvent } from '../core/protocol';
import type { Reminder } from '../core/reminders';
import { reminderApi } from '../net/reminders';

/** What scripts have set to come later, in all threads, kept current by the server's events. */
export class Coming {
  #all = $state.raw<readonly Reminder[]>([]);

  async load(): Promise<void> {
    this.#all = (await reminderApi.coming()).reminders;
  }

  /** Takes what the stream says. */
  heard(events: readonly ServerEvent[]): void {
    for (const ev of events) {
      if (ev.event === 'reminder' && ev.data.kind === 'fire') {
        this.#all = [...this.#all.filter((r) => r.id !== ev.data.id), ev.data];
      } else if (ev.event === 'gone' && ev.data.kind === 'reminder' && this.#all.some((r) => r.id === ev.data.id)) {
        this.#all = this.#all.filter((r) => r.id !== ev.data.id);
      }
    }
  }

  /** Those of a thread, the next one first. */
  of(thread: string): Reminder[] {
    const here = this.#all.filter((r) => r.conversation === thread && r.next && r.state === 'active');
    return here.sort((a, b) => (a.next! < b.next! ? -1 : 1));
  }
}
