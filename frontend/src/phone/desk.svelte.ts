import type { PhoneState, Way, WayInput } from '../core/phone';
import { phoneApi } from '../net/phone';

const POLL = 1000;

/** What is known of the ways to the phone, and the set-up that is going on. */
export class Desk {
  state = $state.raw<PhoneState>();
  failed = $state('');
  /** The way that was begun here and now. */
  begun = $state<Way | 'off'>();
  /** What is wrong with what was entered. */
  refused = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;
  #gone = false;

  readonly busy = $derived(!!this.state?.setup && !this.state.setup.done);

  async look(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.#take(await phoneApi.state());
    } catch (cause) {
      this.failed = (cause as Error).message;
      if (this.busy) this.#again();
    }
  }

  /** Begins a way; how it goes is in `state.setup`. */
  async setUp(way: Way | 'off', input?: WayInput): Promise<void> {
    this.refused = '';
    this.begun = way;
    try {
      this.#take(await phoneApi.setUp(way, input));
    } catch (cause) {
      this.refused = (cause as Error).message;
    }
  }

  stop(): void {
    this.#gone = true;
    clearTimeout(this.#timer);
  }

  #take(state: PhoneState): void {
    this.state = state;
    this.failed = '';
    if (this.busy) this.#again();
  }

  #again(): void {
    if (!this.#gone) this.#timer = setTimeout(() => void this.look(), POLL);
  }
}
