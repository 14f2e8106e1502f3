import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { pause, until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('a push shows one notification, even while the page is in front, and reaches the page', async (t) => {
  const world = await startWorld(t);
  const context = await world.browser();
  const origin = world.url;
  await context.grantPermissions(['notifications'], { origin });
  await context.addInitScript(() => {
    const w = /** @type {any} */ (window);
    w.heard = [];
    navigator.serviceWorker?.addEventListener('message', (e) => w.heard.push(e.data));
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const cdp = await context.newCDPSession(page);
  const registration = new Promise((resolve) =>
    cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      const active = versions.find((v) => v.status === 'activated');
      if (active) resolve(active.registrationId);
    }),
  );
  await cdp.send('ServiceWorker.enable');
  await page.goto(world.url);
  await new App(page).composer.waitFor();
  const registrationId = /** @type {string} */ (await registration);

  const { message, conversation } = await world.fire({ title: 'Oven', text: 'Take the bread out' });
  const notification = {
    title: 'Oven',
    body: 'Take the bread out',
    navigate: `/?c=${conversation}&m=${message}`,
    tag: message,
    data: { message, conversation },
  };
  const data = JSON.stringify({ web_push: 8030, notification, app_badge: 1 });
  // Asked once things are quiet: Chromium forgets a notification that it is just showing when it is asked for the list.
  const shown = async () => {
    await pause(400);
    return page.evaluate(async () => {
      const worker = await navigator.serviceWorker.ready;
      return (await worker.getNotifications()).map((n) => [n.title, n.body, n.data.navigate]);
    });
  };
  const heard = () => page.evaluate(() => /** @type {any} */ (window).heard);

  let pushes = 0;
  const push = async (/** @type {string} */ text) => {
    pushes++;
    await cdp.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: text });
    await until('word to the page', async () => (await heard()).length === pushes);
  };
  const oven = ['Oven', 'Take the bread out', notification.navigate];

  await push(data);
  assert.deepEqual(await heard(), [{ type: 'push', message, conversation }]);
  assert.deepEqual(await shown(), [oven]);
  // The push service may deliver twice; the person sees one.
  await push(data);
  assert.deepEqual(await shown(), [oven]);

  for (const [n, odd] of ['', 'just words', '{"broken":'].entries()) {
    await push(odd);
    assert.equal((await shown()).length, n + 2, `a notification for ${JSON.stringify(odd)}`);
  }
});

promise('the tap on a notification lands on its message, in the window that is there', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  await app.composer.waitFor();
  const { message, conversation } = await world.fire('Find me');
  // What the worker says after it has focused the window; the focusing itself needs a real tap.
  await page.evaluate((data) => navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data })), {
    type: 'open',
    message,
    conversation,
  });
  await page.locator(`[data-message="${message}"]`).waitFor();
  assert.equal(await app.conversation(), conversation);
});
