/** A policy that lets one script address through: the app's own service worker. */
function workerUrl(): string {
  const types = (
    window as {
      trustedTypes?: {
        createPolicy(n: string, p: { createScriptURL(u: string): string }): { createScriptURL(u: string): string };
      };
    }
  ).trustedTypes;
  const only = (url: string) => {
    if (url !== '/sw.js') throw new TypeError('not the service worker of this app');
    return url;
  };
  return types ? types.createPolicy('hark', { createScriptURL: only }).createScriptURL('/sw.js') : '/sw.js';
}

/** An update is looked for when the app comes to the front, at most this often. */
const LOOK_EVERY = 30 * 60_000;

/**
 * New versions of the app. One is fetched behind the open page and waits there;
 * the page changes once, when a person says so, and never by itself.
 */
export class Update {
  /** A new version waits. */
  ready = $state(false);
  #waiting: ServiceWorker | undefined;
  #looked = Date.now();
  #asked = false;

  /** Registers the worker. Where there is none (plain HTTP from another machine) nothing happens. */
  async start(): Promise<void> {
    addEventListener('vite:preloadError', (e) => {
      // A part of an older version is gone from the server: only a reload can bring it.
      e.preventDefault();
      this.ready = true;
    });
    const sw = navigator.serviceWorker;
    if (!sw || !import.meta.env.PROD) return;
    try {
      const registration = await sw.register(workerUrl(), { updateViaCache: 'none' });
      if (!registration) return;
      this.#watch(registration);
      document.addEventListener('visibilitychange', () => {
        if (document.hidden || Date.now() - this.#looked < LOOK_EVERY) return;
        this.#looked = Date.now();
        registration.update().catch(() => {});
      });
    } catch (cause) {
      console.warn('hark: no service worker', cause);
    }
  }

  /** Changes to the new version with one reload; drafts and the place in the thread are kept. */
  apply(): void {
    if (this.#asked) return;
    this.#asked = true;
    if (!this.#waiting) return location.reload();
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    this.#waiting.postMessage({ type: 'skip-waiting' });
  }

  #watch(registration: ServiceWorkerRegistration): void {
    const offer = (worker: ServiceWorker | null) => {
      // Without a controller this is the first installation, not an update.
      if (!worker || !navigator.serviceWorker.controller) return;
      this.#waiting = worker;
      this.ready = true;
    };
    offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => worker.state === 'installed' && offer(worker));
    });
  }
}
