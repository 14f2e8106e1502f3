import { pushApi, tellSight } from '../net/push';
import { PushDb, type Opening } from '../store/pushdb';
import type { Session } from '../store/session.svelte';
import { Sight } from './sight';
import { reconcile } from './subscription';
import { troubleOf, type Trouble } from './trouble';
import { Tidy } from './tidy';

/** What the app does at the wish of its notifications. */
export interface Wishes {
  /** Goes where a tap leads. */
  open(opening: Opening): void;
  /** Says what is wrong with notifications; undefined: nothing. */
  trouble(what: Trouble | undefined): void;
}

/**
 * Does the page's share of notifications, in the background of everything else: keeps the subscription alive,
 * tells what is seen, closes what was read elsewhere, and goes where a tap leads. Returns how to stop.
 */
export function attend(session: Session, { open, trouble }: Wishes): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const page = crypto.getRandomValues(new Uint32Array(2)).join('-');
  const sight = new Sight({ tell: (event) => tellSight(event, page), seen: (messages) => pushApi.seen(messages) });
  const tidy = new Tidy({
    notifications: async () => (await navigator.serviceWorker?.getRegistration())?.getNotifications() ?? [],
    readUpto: (c) => session.conversations.get(c)?.read_upto,
  });
  const taps = new PushDb();
  const follow = () =>
    void taps
      .takeOpening()
      .then((opening) => opening && open(opening))
      .catch(() => {});

  const looked = () => {
    sight.look(!document.hidden);
    // A page that was frozen is focused without being told where to go.
    if (!document.hidden) follow();
  };
  document.addEventListener('visibilitychange', looked, { signal });
  addEventListener('pagehide', () => sight.look(false), { signal });
  addEventListener('pageshow', looked, { signal });
  looked();

  session.onNews((message, key) => sight.saw(message, key));
  const stopEvents = session.onEvents((events) => {
    if (events.some((ev) => ev.event === 'hello')) sight.again();
    if (events.some((ev) => ev.event === 'conversation')) tidy.soon();
    if (events.some((ev) => ev.event === 'device')) void troubleOf().then(trouble);
  });
  navigator.serviceWorker?.addEventListener(
    'message',
    (e: MessageEvent<{ type?: string } | undefined>) => {
      if (e.data?.type === 'push') tidy.soon();
      // It was told where to go: the note for a page that was not is void.
      if (e.data?.type === 'open') void taps.takeOpening().catch(() => {});
    },
    { signal },
  );
  tidy.soon();
  void reconcile()
    .catch((cause: unknown) => console.warn('hark: push', cause))
    .then(troubleOf)
    .then(trouble);
  void navigator.serviceWorker?.ready.then((r) => r.active?.postMessage({ type: 'receipts' }));
  return () => {
    stop.abort();
    stopEvents();
  };
}
