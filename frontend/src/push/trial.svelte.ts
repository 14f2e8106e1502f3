import type { TestState } from '../core/push';
import { pushApi } from '../net/push';

const EVERY = 500;
/** Longer than a push that is alive takes; the test push itself lives for a minute. */
const GIVE_UP = 30_000;

/** One test push, followed until the device's receipt says that it was shown. */
export class Trial {
  /** Undefined before the first; the last word about it afterwards. */
  state = $state.raw<TestState>();
  running = $state(false);
  /** Milliseconds from the click to the receipt. */
  took = $state<number>();
  /** Why there is no more to wait for. */
  failure = $state('');

  /** Sends it to this device, or to another one, and resolves when it was shown, failed, or is not waited for any more. */
  async run(device?: string): Promise<void> {
    const began = Date.now();
    Object.assign(this, { running: true, took: undefined, failure: '', state: { state: 'queued' } });
    try {
      const { id } = await pushApi.test(device);
      while (Date.now() - began < GIVE_UP) {
        await new Promise((go) => setTimeout(go, EVERY));
        this.state = await pushApi.testState(id);
        if (this.arrived) this.took = Date.now() - began;
        // With a cure it is taken for lost; what is late is still shown, and the ledger will say so.
        if (this.arrived || this.state.state === 'failed' || this.state.check?.cure) return;
      }
    } catch (cause) {
      this.failure = cause instanceof Error ? cause.message : String(cause);
    } finally {
      this.running = false;
    }
  }

  get arrived(): boolean {
    return ['shown', 'seen', 'acted'].includes(this.state?.state ?? '');
  }
}
