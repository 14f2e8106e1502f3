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

/** Whether the server still hands out the build that this page is of; undefined when it can't be asked. */
async function sameBuild(): Promise<boolean | undefined> {
  const own = document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.getAttribute('src');
  try {
    // Not "/", which the worker answers with the page that it keeps.
    const answer = await fetch('/index.html', { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
    if (!answer.ok || !own) return undefined;
    return (await answer.text()).includes(`"${own}"`);
  } catch {
    return undefined;
  }
}

/**
 * New versions of the app. One is fetched behind the open page and waits there;
 * the page changes once, when a person says so, and never by itself.
 */
export class Update {
  /** A new version waits. */
  ready = $state(false);
  /** A part of this version did not come: the line broke, nothing is new. Loading the page again brings it. */
  broken = $state(false);
  #waiting: ServiceWorker | undefined;
  #looked = Date.now();
  #asked = false;

  /** Registers the worker. Where there is none (plain HTTP from another machine) nothing happens. */
  async start(): Promise<void> {
    addEventListener('vite:preloadError', (e) => {
      e.preventDefault();
      void this.#missed();
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

  /** A part of an older version may be gone from the server; but a line that broke for a moment looks the same. */
  async #missed(): Promise<void> {
    if ((await sameBuild()) === false) this.ready = true;
    else this.broken = true;
  }

  #watch(registration: ServiceWorkerRegistration): void {
    const offer = (worker: ServiceWorker) => {
      this.#waiting = worker;
      this.ready = true;
    };
    const follow = (worker: ServiceWorker | null) => {
      // It replaces nothing: the first installation. Whether a worker holds this page does not tell: the first
      // one claims it, and may do so before the page hears that it is installed.
      if (!worker || !registration.active || registration.active === worker) return;
      if (worker.state === 'installed') offer(worker);
      else worker.addEventListener('statechange', () => worker.state === 'installed' && offer(worker));
    };
    follow(registration.waiting);
    follow(registration.installing);
    registration.addEventListener('updatefound', () => follow(registration.installing));
  }
}
