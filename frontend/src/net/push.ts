import { ApiError, call } from './api';

/** What the server says of notifications; undefined where it has none. */
export interface PushInfo {
  key?: string;
  subscribed?: boolean;
}

/** Asks the server about notifications. Undefined: it does not offer them, or this browser cannot. */
export async function pushInfo(): Promise<PushInfo | undefined> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return undefined;
  try {
    const info = await call<PushInfo>('GET', '/api/push');
    return info.key ? info : undefined;
  } catch (cause) {
    if (cause instanceof ApiError) return undefined;
    throw cause;
  }
}

/**
 * Gives the server this browser's subscription, at every start: subscriptions
 * change and vanish without a word, and not every browser tells its worker.
 */
export async function syncPush(): Promise<void> {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const info = await pushInfo();
  if (info?.key) await subscribe(info.key).catch((cause: unknown) => console.warn('hark: push', cause));
}

/**
 * Asks for permission and subscribes. Call it straight from a click: the question
 * is only allowed there. Resolves to what the person answered.
 */
export async function enablePush(key: string): Promise<NotificationPermission> {
  const answer = await Notification.requestPermission();
  if (answer === 'granted') await subscribe(key);
  return answer;
}

async function subscribe(key: string): Promise<void> {
  const registration = await navigator.serviceWorker.ready;
  const wanted = fromBase64Url(key);
  let subscription = await registration.pushManager.getSubscription();
  const used = subscription?.options.applicationServerKey;
  if (subscription && used && !sameBytes(new Uint8Array(used), wanted)) {
    // The server has new keys, as after a restore: the old subscription can never be reached again.
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
  await call('PUT', '/api/push/subscription', { body: subscription.toJSON() });
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

const sameBytes = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((v, i) => v === b[i]);
