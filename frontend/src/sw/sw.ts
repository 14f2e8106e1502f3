/// <reference lib="webworker" />
import { activate, install, respond, route, type Shell } from './cache';
import { open } from './click';
import { receive, type Target } from './push';
import { renew } from './subscription';

declare const self: ServiceWorkerGlobalScope;
/** Put here by the build. */
declare const __HARK_SHELL__: Shell;

const shell = __HARK_SHELL__;

function windows(): Promise<readonly WindowClient[]> {
  // A page that was loaded past the worker (the very first one) is a window too.
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

// No skipWaiting here: a new build waits until the person says so, and never takes the files of an open page.
self.addEventListener('install', (event) => event.waitUntil(install(self.caches, shell)));

self.addEventListener('activate', (event) =>
  event.waitUntil(Promise.all([activate(self.caches, shell), self.clients.claim()])),
);

self.addEventListener('message', (event) => {
  const { type } = (event.data ?? {}) as { type?: string };
  if (type === 'skip-waiting') event.waitUntil(self.skipWaiting());
});

self.addEventListener('fetch', (event) => {
  const kind = route(event.request, self.location.origin, shell.files);
  if (kind !== 'none') event.respondWith(respond(self.caches, shell, event.request, kind, (r) => fetch(r)));
});

self.addEventListener('push', (event) =>
  event.waitUntil(
    receive(event.data?.text() ?? '', {
      origin: self.location.origin,
      windows,
      show: (title, options) => self.registration.showNotification(title, options),
      setBadge: async (count) => {
        // Not every browser has it.
        const { navigator } = self as unknown as { navigator: { setAppBadge?(n: number): Promise<void> } };
        await navigator.setAppBadge?.(count);
      },
    }),
  ),
);

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const target = (event.notification.data ?? {}) as Partial<Target>;
  event.waitUntil(
    open({ ...target, navigate: target.navigate ?? '/' }, { windows, open: (path) => self.clients.openWindow(path) }),
  );
});

self.addEventListener('pushsubscriptionchange', (event) => {
  const change = event as ExtendableEvent & { newSubscription?: PushSubscription | null };
  change.waitUntil(
    renew(
      {
        fetch: (path, init) => fetch(path, init),
        subscribe: (key) =>
          self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }),
      },
      change.newSubscription,
    ),
  );
});
