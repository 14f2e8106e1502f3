import { fromBase64Url, madeWith, standingOf, type PushInfo, type Standing, type Surroundings } from '../core/push';
import { ApiError } from '../net/api';
import { pushApi } from '../net/push';
import { current, disable, enable, reconcile, wanted } from './subscription';
import { surroundings } from './surroundings';

/** How notifications do on this very device, as the page and the server see it together. */
export class Here {
  surroundings = $state.raw<Surroundings>(surroundings());
  /** What the server said last. */
  info = $state.raw<PushInfo>();
  /** The server could not be asked. */
  unreachable = $state(false);
  /** Undefined until the first look is over. */
  standing = $state.raw<Standing>();
  wanted = $state(true);
  subscribed = $state(false);
  /** The server has the subscription that the browser has. */
  known = $state(false);
  rightKey = $state(true);
  busy = $state(false);

  /** Looks at both sides, and first makes them agree where that is wanted. */
  async load(): Promise<void> {
    await reconcile().catch((cause: unknown) => console.warn('hark: push', cause));
    await this.look();
  }

  /** Looks at both sides and changes nothing. */
  async look(): Promise<void> {
    this.surroundings = surroundings();
    this.wanted = wanted();
    try {
      this.info = await pushApi.info();
      this.unreachable = false;
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      this.unreachable = true;
    }
    const subscription = await current().catch(() => null);
    this.subscribed = subscription !== null;
    this.known = !!this.info?.subscribed && (await sameEndpoint(subscription, this.info.endpoint_sha256));
    this.rightKey =
      !subscription || !this.info || madeWith(subscription.options.applicationServerKey, fromBase64Url(this.info.key));
    const { wanted: want, subscribed } = this;
    // While the server can't be asked, the browser's word has to do.
    const known = this.unreachable ? subscribed : this.known && this.rightKey;
    this.standing = standingOf(this.surroundings, { wanted: want, subscribed, known, state: this.info?.state });
  }

  /** Straight from a click. Resolves to what the person answered; rejects when the browser or the server fails. */
  async switchOn(): Promise<NotificationPermission> {
    const info = this.info;
    if (!info?.key) throw new Error('no key');
    this.busy = true;
    try {
      return await enable(info);
    } finally {
      this.busy = false;
      await this.look();
    }
  }

  async switchOff(): Promise<void> {
    this.busy = true;
    try {
      await disable();
    } finally {
      this.busy = false;
      await this.look();
    }
  }
}

async function sameEndpoint(subscription: PushSubscription | null, hash: string | undefined): Promise<boolean> {
  if (!subscription) return false;
  if (!hash) return true;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint));
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('') === hash.toLowerCase();
}
