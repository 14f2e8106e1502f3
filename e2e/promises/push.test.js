import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { startPushed } from '../lib/pushed.js';
import { pause, until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('a push is shown once, kept, and told to the page and the daemon, while the page is in front', async (t) => {
  const { world, page, service, pushed } = await startPushed(t);
  await page.evaluate(() => {
    const w = /** @type {any} */ (window);
    w.heard = [];
    navigator.serviceWorker.addEventListener('message', (e) => w.heard.push(e.data));
  });
  await new App(page).list.waitFor();
  const { message, conversation } = await world.fire({ title: 'Oven', text: 'Take the bread out' });
  // The page is in front, and the message is not on its screen.
  const data = await service.push('Take the bread out');
  assert.equal((await pushed.delivery(message)).state, 'accepted');
  const oven = { title: 'Oven', body: 'Take the bread out', message };

  await pushed.deliver(data);
  await pushed.got(message, 'shown');
  assert.deepEqual(await pushed.shown(), [oven]);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).heard), [
    { type: 'push', message, conversation },
  ]);
  // The push service may deliver twice; the person sees one.
  await pushed.deliver(data);
  assert.deepEqual(await pushed.shown(), [oven]);

  for (const [n, odd] of ['', 'just words', '{"broken":'].entries()) {
    await pushed.deliver(odd);
    assert.equal((await pushed.shown()).length, n + 2, `a notification for ${JSON.stringify(odd)}`);
  }
});

for (const [how, sabotage] of Object.entries({
  'refuses to open': () => {
    IDBFactory.prototype.open = () => {
      throw new Error('broken');
    };
  },
  'hangs for ever': () => {
    IDBFactory.prototype.open = () => /** @type {any} */ (new EventTarget());
  },
})) {
  promise(`a push is shown, and its receipt arrives, although the browser’s database ${how}`, async (t) => {
    const { world, page, service, pushed } = await startPushed(t);
    await new App(page).list.waitFor();
    await pushed.inWorker(sabotage);
    const { message } = await world.fire({ text: 'Through all that' });
    await pushed.deliver(await service.push('Through all that'));
    await pushed.got(message, 'shown');
    assert.deepEqual(
      (await pushed.shown()).map((n) => n.body),
      ['Through all that'],
    );
  });
}

promise('what is on the screen of a page in front is not pushed; away from it, it is', async (t) => {
  const { world, page, service, pushed } = await startPushed(t);
  const app = new App(page);
  await world.fire('Good morning');
  await service.push('Good morning');
  await app.openConversation(/Inbox/);
  await app.reply('Good morning').waitFor();
  const seen = await world.fire('Right before your eyes');
  await app.reply('Right before your eyes').waitFor();
  await pushed.got(seen.message, 'withheld');
  assert.equal(service.came.length, 1);

  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const unseen = await world.fire('Behind your back');
  await pushed.deliver(await service.push('Behind your back'));
  await pushed.got(unseen.message, 'shown');
  assert.deepEqual(
    (await pushed.shown()).map((n) => n.message),
    [unseen.message],
  );
  await app.reply('Behind your back').waitFor();

  // Back again: it is seen and read, and its notification goes.
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => false, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await pushed.got(unseen.message, 'seen');
  await until('the notification to be closed', async () => !(await pushed.shown()).length);
  assert.equal(await app.reply('Behind your back').count(), 1);
});

promise(
  'with the app closed a push is shown once, its message opens without a line, and stands there once',
  async (t) => {
    const { world, context, page, service, pushed } = await startPushed(t);
    await new App(page).list.waitFor();
    await page.close();
    const { message, conversation } = await world.fire({ title: 'Oven', text: 'Readable in the cellar' });
    const data = await service.push('Readable in the cellar');
    world.proxy.refuse();
    await pushed.deliver(data);
    assert.deepEqual(
      (await pushed.shown()).map((n) => n.message),
      [message],
    );
    const later = await context.newPage();
    const app = new App(later);
    await later.goto(`${world.url}/?c=${conversation}&m=${message}`);
    await app.reply('Readable in the cellar').waitFor();
    assert.equal((await pushed.delivery(message)).times.shown, undefined);

    world.proxy.pass();
    await later.reload();
    await app.reply('Readable in the cellar').waitFor();
    // What could not be said in the cellar is said now.
    await pushed.got(message, 'shown');
    await pause(1000);
    assert.equal(await app.reply('Readable in the cellar').count(), 1);
  },
);

promise('a button of a notification does what it says, with the app closed', async (t) => {
  const { world, context, page, service, pushed } = await startPushed(t);
  await new App(page).list.waitFor();
  await page.close();
  const { id } = await remind(context, world.url, 'in 1 second to water the plants');
  const data = await service.push('water the plants');
  const { message } = JSON.parse(data).notification.data;
  await pushed.deliver(data);
  await pushed.got(message, 'shown');
  await pushed.inWorker(tapOn, 'done');
  await pushed.got(message, 'acted');
  const reminder = await (await context.request.get(`${world.url}/api/reminders/${id}`)).json();
  assert.equal(reminder.last.state, 'done');
  assert.deepEqual(await pushed.shown(), []);
});

promise('a button of a notification that does not get through says so', async (t) => {
  const { world, context, page, service, pushed } = await startPushed(t);
  const app = new App(page);
  await app.list.waitFor();
  const { id } = await remind(context, world.url, 'in 1 second to close the window');
  const data = await service.push('close the window');
  await pushed.deliver(data);
  await pushed.shown();
  world.proxy.refuse();
  await pushed.inWorker(tapOn, 'done');
  // This tap is the test's and not a person's, so that no window may be focused or opened: the note for the next page is left.
  await until('a word about it', async () => (await pushed.shown()).find((n) => /did not reach Hark/.test(n.body)));
  await page.reload();
  await page.locator('.note').filter({ hasText: '“Done” did not reach Hark' }).waitFor();
  world.proxy.pass();
  const reminder = await (await context.request.get(`${world.url}/api/reminders/${id}`)).json();
  assert.equal(reminder.last.state, 'fired');
});

promise(
  'the settings say how notifications do, a test is followed until it is shown, and so is every message',
  async (t) => {
    const { world, context, page, service, pushed } = await startPushed(t, { own: true });
    const app = new App(page);
    await app.list.waitFor();
    await until('the page to tell its subscription', async () => {
      const answer = await context.request.get(`${world.url}/api/push`);
      return (await answer.json()).subscribed;
    });
    await page.goto(`${world.url}/?view=settings`);
    await page.getByText('Notifications are on.').waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await pushed.deliver(await service.push('Notifications reach this device'));
    await page.getByText(/It arrived after [\d.]+ s/).waitFor();

    const { message, conversation } = await world.fire({ title: 'Oven', text: 'Take the bread out' });
    await pushed.deliver(await service.push('Take the bread out'));
    await pushed.got(message, 'shown');
    await page.goto(`${world.url}/?c=${conversation}&m=${message}`);
    await app.reply('Take the bread out').hover();
    await app.reply('Take the bread out').getByRole('button', { name: 'Message options' }).click();
    await page.getByRole('menuitem', { name: 'Delivery' }).click();
    const dialog = page.getByRole('dialog');
    for (const stage of ['Queued', 'Accepted', 'Shown', 'Seen'])
      await dialog.getByText(stage, { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();

    // Muted here, its messages come without a sound.
    await app.reply('Take the bread out').hover();
    await app.reply('Take the bread out').getByRole('button', { name: 'Message options' }).click();
    await page.getByRole('menuitem', { name: 'Mute this source' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'On this device' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const quiet = await world.fire('No sound');
    assert.equal(quiet.push.queued, 0);

    // Unpaired from the list of devices, this browser is out at once.
    await page.goto(`${world.url}/?view=devices`);
    await page.getByText('e2e fire').waitFor();
    await page.getByRole('button', { name: 'Options for e2e browser' }).click();
    await page.getByRole('menuitem', { name: 'Unpair' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Unpair' }).click();
    await page.getByRole('heading', { name: 'Pair this browser' }).waitFor();
  },
);

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

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} url
 * @param {string} phrase
 */
async function remind(context, url, phrase) {
  const answer = await context.request.post(`${url}/api/reminders`, { data: { phrase, zone: 'Europe/Berlin' } });
  if (!answer.ok()) throw new Error(`reminder: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}

/** Runs in the worker: a tap on a button of the newest notification. */
async function tapOn(/** @type {string} */ action) {
  const scope = /** @type {any} */ (self);
  const notification = (await scope.registration.getNotifications()).at(-1);
  scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification, action }));
}
