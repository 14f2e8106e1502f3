/// <reference lib="webworker" />
import { PushDb, type Receipt } from '../store/pushdb';
import { activate, install, respond, route, type Shell } from './cache';
import { tap } from './click';
import { keep } from './keep';
import { receive, type Attached } from './push';
import { flush, report, type ReceiptWorld } from './receipts';
import { renew, type SubscriptionChange } from './subscription';

declare const self: ServiceWorkerGlobalScope;
/** Put here by the build. */
declare const __HARK_SHELL__: Shell;

const shell = __HARK_SHELL__;
const origin = self.location.origin;
const store = new PushDb();
const receipts: ReceiptWorld = {
  fetch: (path, init) => fetch(path, init),
  addReceipt: (receipt) => store.addReceipt(receipt),
  receipts: () => store.receipts(),
  dropReceipt: (key) => store.dropReceipt(key),
};
/** A database that hangs must not hold the event open until the browser ends the worker. */
const PATIENCE = 15_000;

function within(work: Promise<unknown>): Promise<unknown> {
  return Promise.race([work, new Promise((go) => setTimeout(go, PATIENCE))]);
}

function windows(): Promise<readonly WindowClient[]> {
  // A page that was loaded past the worker (the very first one) is a window too.
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

async function setBadge(count: number): Promise<void> {
  // Not every browser has it.
  const { navigator } = self as unknown as { navigator: { setAppBadge?(n: number): Promise<void> } };
  await navigator.setAppBadge?.(count);
}

const show = (title: string, options: NotificationOptions) => self.registration.showNotification(title, options);
const tell = (receipt: Receipt) => report(receipt, receipts);

// No skipWaiting here: a new build waits until the person says so, and never takes the files of an open page.
self.addEventListener('install', (event) => event.waitUntil(install(self.caches, shell)));

self.addEventListener('activate', (event) =>
  event.waitUntil(Promise.all([activate(self.caches, shell), self.clients.claim()])),
);

self.addEventListener('message', (event) => {
  const { type } = (event.data ?? {}) as { type?: string };
  if (type === 'skip-waiting') event.waitUntil(self.skipWaiting());
  if (type === 'build') event.ports[0]?.postMessage(shell.build);
  if (type === 'receipts') event.waitUntil(within(flush(receipts).catch(() => {})));
});

self.addEventListener('fetch', (event) => {
  const kind = route(event.request, origin, shell.files);
  if (kind !== 'none') event.respondWith(respond(self.caches, shell, event.request, kind, (r) => fetch(r)));
});

self.addEventListener('push', (event) => {
  const world = { origin, windows, show, setBadge, keep, shown: (r: string) => tell({ receipt: r, event: 'shown' }) };
  // Browsers that know declarative pushes have read it themselves.
  const { notification } = event as PushEvent & { notification?: unknown };
  event.waitUntil(within(receive(event.data?.text() ?? '', world, notification)));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(
    tap(event.action, attachedTo(event.notification), {
      windows,
      show,
      open: (path) => self.clients.openWindow(path),
      note: (opening) => store.setOpening(opening),
      fetch: (path, init) => fetch(path, init),
      report: tell,
    }),
  );
});

self.addEventListener('notificationclose', (event) => {
  const { receipt } = attachedTo(event.notification);
  if (receipt) event.waitUntil(within(tell({ receipt, event: 'closed' })));
});

self.addEventListener('pushsubscriptionchange', (event) => {
  const change = event as ExtendableEvent & SubscriptionChange;
  const subscribe = (key: string) =>
    self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  change.waitUntil(renew({ origin, fetch: (path, init) => fetch(path, init), subscribe }, change));
});

function attachedTo(notification: Notification): Attached {
  return { navigate: '/', ...(notification.data as Partial<Attached> | undefined) };
}
