import { byDay, startOfDay, addDays, type DayLine } from '../core/calendar';
import { reminderApi } from '../net/reminders';
import type { Reminders } from '../store/reminders.svelte';

/**
 * What comes on each day of a span, in this device's zone. It is fetched again when
 * the reminders change; what was there stays on the screen until then.
 */
export class Picture {
  days = $state.raw<ReadonlyMap<string, DayLine[]>>(new Map());
  /** There was more than the server tells at once. */
  more = $state(false);
  state = $state<'loading' | 'ready' | 'failed'>('loading');

  /** Keeps the days from `first` to `last` (both shown) current; call it in an effect. */
  watch(store: Reminders, first: string, last: string): () => void {
    void store.version;
    const asked = new AbortController();
    // Reminders that change together ask once.
    const timer = setTimeout(() => void this.#load(first, last, asked.signal), this.state === 'ready' ? 150 : 0);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }

  async #load(first: string, last: string, signal: AbortSignal): Promise<void> {
    try {
      const { items, more } = await reminderApi.agenda(startOfDay(first), startOfDay(addDays(last, 1)), signal);
      this.days = byDay(items);
      this.more = more === true;
      this.state = 'ready';
    } catch {
      if (!signal.aborted) this.state = 'failed';
    }
  }
}
