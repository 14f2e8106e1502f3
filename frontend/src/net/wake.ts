/** What the browser tells a page about its own life. */
export interface LifeListener {
  /** The page is in use again. `ms` is how long it was out of sight; Infinity when it was frozen. */
  awake(ms: number): void;
  /** The page is going away or being frozen: give up what others may need. */
  asleep(): void;
  /** The service worker got a push: something new is on the server. */
  pushed(message: string | undefined): void;
}

/** Listens to every sign of life a browser gives. Returns how to stop. */
export function watchLife(listener: LifeListener): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let hiddenAt = document.hidden ? Date.now() : 0;
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.hidden) hiddenAt = Date.now();
      else listener.awake(hiddenAt ? Date.now() - hiddenAt : 0);
    },
    { signal },
  );
  addEventListener('pageshow', (e) => e.persisted && listener.awake(Infinity), { signal });
  addEventListener('pagehide', () => listener.asleep(), { signal });
  addEventListener('online', () => listener.awake(Infinity), { signal });
  document.addEventListener('freeze', () => listener.asleep(), { signal });
  document.addEventListener('resume', () => listener.awake(Infinity), { signal });
  const onMessage = (e: MessageEvent<{ type?: string; message?: string } | undefined>) => {
    if (e.data?.type === 'push') listener.pushed(e.data.message);
  };
  navigator.serviceWorker?.addEventListener('message', onMessage, { signal });
  return () => stop.abort();
}
