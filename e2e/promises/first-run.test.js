import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { withAxe } from '../lib/axe.js';
import { startBrowser } from '../lib/browser.js';
import { startDaemon } from '../lib/daemon.js';
import { promise } from '../lib/evidence.js';
import { devices, look } from '../lib/look.js';
import { startModel } from '../lib/model.js';

/**
 * The heading that says which step is asked.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
const step = (page, name) => page.getByRole('heading', { name, exact: true }).waitFor();

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

promise('from the printed link through the first questions to the first answer, and the reminder comes', async (t) => {
  const model = await startModel(t);
  model.auto = (call) => call.finish('Ready, as ever.');
  const daemon = await startDaemon(t, model.env);
  const context = await startBrowser(t);
  const page = context.pages()[0] ?? (await context.newPage());
  const app = new App(page);

  await page.goto(daemon.pairing);
  await step(page, 'Welcome');
  assert.equal(new URL(page.url()).hash, '', 'the one-time code must not stay in the address bar');
  await page.getByLabel('Your name').fill('Ana');
  await page.getByLabel('Language').selectOption('fr');
  await press(page, 'Continue');

  await step(page, 'Something that thinks');
  await page.getByRole('status').getByText('answers. It took').waitFor();
  await press(page, 'Continue');
  await step(page, 'Hark in your pocket');
  await press(page, 'Not now');
  await step(page, 'Let Hark speak first');
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  await press(page, 'Not now');

  await step(page, 'Your first reminder');
  await page.getByRole('textbox', { name: 'Remind me' }).fill('in 5 seconds to stretch');
  await press(page, 'Add');
  await page.locator('[data-offer]').getByText('Set: stretch').waitFor();
  await press(page, 'Finish');

  await app.composer.waitFor();
  await app.send('Hello');
  await app.reply('Ready, as ever').waitFor();
  const prompt = JSON.stringify(model.calls.at(-1)?.body);
  assert.match(prompt, /The owner's name is Ana/);
  assert.match(prompt, /Answer in French/);

  await app.openConversation(/Inbox|stretch/);
  const reminder = app.replies.filter({ hasText: 'Reminder' }).filter({ hasText: 'stretch' });
  await reminder.waitFor({ timeout: 20_000 });
  assert.equal(await reminder.count(), 1);
  assert.equal(
    await page.locator('[data-note=update], [data-note=broken]').count(),
    0,
    'nothing is new to a new profile',
  );
});

promise('setting up goes on where it was left, asks nothing twice, and can be skipped', async (t) => {
  const daemon = await startDaemon(t);
  const context = await startBrowser(t);
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(daemon.pairing);
  await step(page, 'Welcome');
  await page.getByLabel('Your name').fill('Ana');
  await press(page, 'Continue');
  await step(page, 'Something that thinks');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Something that thinks');
  await page.getByText('No model answers yet').waitFor();

  await daemon.stop();
  await daemon.start();
  await page.goto(daemon.url);
  await step(page, 'Something that thinks');
  await press(page, 'Back');
  await step(page, 'Welcome');
  await page.waitForFunction(() => document.querySelector('input')?.value === 'Ana');
  await press(page, 'Continue');
  await press(page, 'Go on without');
  await step(page, 'Hark in your pocket');
  await press(page, 'Choose how');
  await page.getByRole('heading', { name: 'On your phone' }).waitFor();
  await press(page, 'Back');
  await step(page, 'Hark in your pocket');
  await press(page, 'Skip the rest');
  await new App(page).composer.waitFor();

  await page.goto(daemon.url);
  await new App(page).composer.waitFor();
  assert.equal(await page.getByText('Set up Hark').count(), 0);

  const second = await startBrowser(t);
  const other = second.pages()[0] ?? (await second.newPage());
  await other.goto((await daemon.code()).url);
  await new App(other).composer.waitFor();
});

for (const [device, options] of Object.entries(devices)) {
  promise(`the first questions are without a fault of access on a ${device}, light and dark`, async (t) => {
    const model = await startModel(t);
    model.auto = (call) => call.finish('Ready');
    const daemon = await startDaemon(t, device === 'phone' ? {} : model.env);
    const context = await startBrowser(t, options);
    await withAxe(context);
    const page = context.pages()[0] ?? (await context.newPage());
    /** @type {Record<string, string[]>} */
    const found = {};
    const see = async (/** @type {string} */ name) => Object.assign(found, await look(page, `${device}-setup-${name}`));
    await page.goto(daemon.pairing);
    await step(page, 'Welcome');
    await see('you');
    await press(page, 'Continue');
    await page.getByText(/No model answers yet|answers. It took/).waitFor();
    await page.getByRole('heading', { name: 'Models' }).waitFor();
    await see('model');
    await page.getByRole('button', { name: /^(Go on|Continue)/ }).click();
    await page.getByRole('button', { name: 'Choose how' }).waitFor();
    await see('phone');
    await press(page, 'Not now');
    await page.getByRole('heading', { name: 'Notifications' }).waitFor();
    await page.locator('[data-standing]').waitFor();
    await see('notifications');
    await press(page, 'Not now');
    await step(page, 'Your first reminder');
    await press(page, 'every weekday at 8:30 to stand up');
    await page.getByText('stand up', { exact: true }).waitFor();
    await see('reminder');
    assert.deepEqual(found, {});
  });
}

promise('a browser that is not paired is told what to do, and a wrong code is refused in words', async (t) => {
  const daemon = await startDaemon(t);
  const context = await startBrowser(t);
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(daemon.url);
  await page.getByRole('heading', { name: 'Pair this browser' }).waitFor();
  await page.getByLabel('Pairing code').fill('WRONGCODE');
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await page.getByText('This code is not valid').waitFor();

  await page.getByLabel('Pairing code').fill((await daemon.code()).code);
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await step(page, 'Welcome');
});
