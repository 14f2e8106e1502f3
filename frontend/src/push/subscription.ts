import { fromBase64Url, madeWith, obstacleOf, type PushInfo } from '../core/push';
import { pushApi } from '../net/push';
import { displayMode, surroundings } from './surroundings';

/** Some browsers wait for their push service for ever. */
const PATIENCE = 20_000;
const flag = 'hark-push';

/** Subscribing did not end in time. */
export class PushTimeout extends Error {
  override name = 'PushTimeout';
}

/** Whether notifications are wanted in this browser; once they are allowed, they are until a person switches them off. */
export function wanted(): boolean {
  try {
    return localStorage.getItem(flag) !== 'off';
  } catch {
    return true;
  }
}

function remember(on: boolean): void {
  try {
    localStorage.setItem(flag, on ? 'on' : 'off');
  } catch {
    // Then the switch holds until the page is loaded again.
  }
}

/** The subscription that this browser has, if any. */
export async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker?.getRegistration();
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

/**
 * Makes this browser's subscription and the server's one and the same: at every load, because subscriptions
 * change and vanish without a word, and not every browser tells its worker. Subscribes anew only where that
 * is wanted and allowed. Resolves to what the server says, or to undefined when there is nothing to do.
 */
export async function reconcile(): Promise<PushInfo | undefined> {
  const s = surroundings();
  if (obstacleOf(s) || s.permission !== 'granted' || !wanted()) return undefined;
  const info = await pushApi.info();
  return info.key ? subscribe(info.key, ended(info)) : info;
}

/**
 * Asks for permission and subscribes. Call it straight from a click, with nothing awaited before: the
 * question is only allowed there. Resolves to what the person answered.
 */
export async function enable(info: PushInfo): Promise<NotificationPermission> {
  const answer = await Notification.requestPermission();
  if (answer !== 'granted') return answer;
  remember(true);
  // What is kept for reading offline should not be the first to go; nothing depends on the answer.
  void navigator.storage?.persist?.().catch(() => {});
  await subscribe(info.key, ended(info));
  return answer;
}

/**
 * The push service has told the server that the subscription is over. Not every browser hears of that: it
 * may go on to hand out the dead one.
 */
function ended(info: PushInfo): boolean {
  return !info.subscribed && info.state?.state === 'off';
}

/** Ends the notifications of this browser, here and at the server. */
export async function disable(): Promise<void> {
  remember(false);
  await pushApi.remove();
  await (await current())?.unsubscribe();
}

async function subscribe(key: string, dead: boolean): Promise<PushInfo | undefined> {
  const bytes = fromBase64Url(key);
  const registration = await within(navigator.serviceWorker.ready);
  let subscription = await registration.pushManager.getSubscription();
  const old = subscription?.endpoint;
  // Where the server has new keys, as after a restore, the old subscription can never be reached again either.
  if (subscription && (dead || !madeWith(subscription.options.applicationServerKey, bytes))) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await within(
    registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes }),
  );
  return pushApi.put({
    ...subscription.toJSON(),
    ...(old && old !== subscription.endpoint ? { old_endpoint: old } : {}),
    key,
    origin: location.origin,
    display: displayMode(),
  });
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, no) => {
    timer = setTimeout(() => no(new PushTimeout('the browser did not subscribe in time')), PATIENCE);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
