import { startPushService } from './push-service.js';
import { pause, until } from './until.js';
import { startWorld } from './world.js';

/**
 * A paired browser that may show notifications, a daemon that sends to it, and the push service between them.
 * Chromium's own push service is not there, so that a test hands each push over to the worker itself.
 * With `own` the page believes that it is subscribed and says so itself; else the test has said it before.
 * @param {import('node:test').TestContext} t
 * @param {{own?: boolean}} [options]
 */
export async function startPushed(t, { own = false } = {}) {
  const service = await startPushService(t);
  const world = await startWorld(t, { env: service.env });
  const context = await world.browser();
  const origin = world.url;
  await context.grantPermissions(['notifications'], { origin });
  if (own) await context.addInitScript(subscribed, service.subscription);
  else {
    // The page would look for a subscription of its own.
    await context.addInitScript(() => localStorage.setItem('hark-push', 'off'));
    const answer = await context.request.put(`${origin}/api/push/subscription`, {
      data: { ...service.subscription, origin, display: 'browser' },
    });
    if (!answer.ok()) throw new Error(`subscription: ${answer.status()} ${await answer.text()}`);
  }
  // The first page starts the worker; another one, of no site, stays when it goes.
  const page = context.pages()[0] ?? (await context.newPage());
  const cdp = await context.newCDPSession(await context.newPage());
  /** @type {Promise<string>} */
  const registered = new Promise((resolve) =>
    cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      const active = versions.find((v) => v.status === 'activated' && v.scriptURL.startsWith(origin));
      if (active) resolve(active.registrationId);
    }),
  );
  await cdp.send('ServiceWorker.enable');
  await page.bringToFront();
  await page.goto(origin);
  const pushed = new Pushed(world, context, service, cdp, await registered);
  return { world, context, page, service, pushed };
}

export class Pushed {
  /**
   * @param {import('./world.js').World} world
   * @param {import('playwright-core').BrowserContext} context
   * @param {import('./push-service.js').PushService} service
   * @param {import('playwright-core').CDPSession} cdp
   * @param {string} registrationId
   */
  constructor(world, context, service, cdp, registrationId) {
    this.world = world;
    this.context = context;
    this.service = service;
    this.cdp = cdp;
    this.registrationId = registrationId;
  }

  /**
   * Hands a push over to the worker, as the browser does with what its push service brought.
   * @param {string} data
   */
  async deliver(data) {
    const { registrationId } = this;
    await this.cdp.send('ServiceWorker.deliverPushMessage', { origin: this.world.url, registrationId, data });
  }

  /**
   * Runs in the worker, which is there whether a page is open or not.
   * @template T, A
   * @param {(argument: A) => T} work
   * @param {A} [argument]
   */
  async inWorker(work, argument) {
    const worker = this.context.serviceWorkers()[0] ?? (await this.context.waitForEvent('serviceworker'));
    return worker.evaluate(/** @type {any} */ (work), argument);
  }

  /** Every notification on the screen. @returns {Promise<{title: string, body: string, message?: string}[]>} */
  async shown() {
    // Asked once things are quiet: Chromium forgets a notification that it is just showing when it is asked for the list.
    await pause(400);
    return this.inWorker(async () => {
      const all = await /** @type {any} */ (self).registration.getNotifications();
      return all.map((/** @type {any} */ n) => ({ title: n.title, body: n.body, message: n.data?.message }));
    });
  }

  /**
   * What the daemon knows of the way of a message to this browser.
   * @param {string} message
   * @returns {Promise<any>}
   */
  async delivery(message) {
    const answer = await this.context.request.get(`${this.world.daemon.url}/api/messages/${message}/delivery`);
    if (!answer.ok()) throw new Error(`delivery: ${answer.status()} ${await answer.text()}`);
    return (await answer.json()).devices[0];
  }

  /**
   * Waits until the daemon knows that a message got so far.
   * @param {string} message
   * @param {string} state
   */
  async got(message, state) {
    return until(`${message} to be ${state}`, async () => (await this.delivery(message))?.times[state]);
  }
}

/**
 * Runs in the page before the app: its browser has just this subscription.
 * @param {import('./push-service.js').PushService['subscription']} json
 */
function subscribed(json) {
  const subscription = { endpoint: json.endpoint, options: {}, toJSON: () => json, unsubscribe: async () => true };
  PushManager.prototype.getSubscription = async () => /** @type {any} */ (subscription);
}
