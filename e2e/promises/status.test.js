import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { withAxe } from '../lib/axe.js';
import { promise } from '../lib/evidence.js';
import { devices, look } from '../lib/look.js';
import { until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

for (const [device, options] of Object.entries(devices)) {
  promise(`the status screen shows what goes on, without a fault of access, on a ${device}`, async (t) => {
    const world = await startWorld(t, { model: true });
    const context = await world.browser(options);
    await withAxe(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${world.url}/?view=new`);
    const app = new App(page);
    await app.send('Tell me a long story');
    const call = await world.model.next();
    call.say('Once upon a time');
    await app.reply('Once upon a time').waitFor();

    await page.goto(`${world.url}/?view=settings`);
    await page.getByRole('button', { name: 'Show: Status' }).click();
    await page.getByRole('status').getByText('All is well').waitFor();
    const running = page.getByRole('definition').first();
    assert.equal(await running.textContent(), '1', 'the reply that is being written');
    await page.getByText('e2e browser').waitFor();
    assert.deepEqual(await look(page, `${device}-status`), {});

    call.finish(' there was an end.');
    await until('the count to follow', async () => (await running.textContent()) === '0', { within: 10_000 });
  });
}

promise('what is wrong stands at the top of the status screen, and a line that is down is said', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  await page.goto(`${world.url}/?view=status`);
  await page.getByText('1 thing needs a look').waitFor();
  await page.getByText('No model is connected').waitFor();
  await world.daemon.stop();
  await page.getByRole('alert').getByText('Hark does not say how it does').waitFor();
  await world.daemon.start();
  await page.getByText('1 thing needs a look').waitFor();
});

promise('a screen of 320 px at twice the text size holds the status and the first questions', async (t) => {
  const world = await startWorld(t, { model: true });
  world.model.auto = (call) => call.finish('Ready');
  const { page } = await world.open({ viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true });
  const fits = async (/** @type {string} */ where) => {
    await page.evaluate(() => void (document.documentElement.style.fontSize = '200%'));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, where);
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter(
          (e) => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility() && !e.closest('.hidden-text'),
        )
        .map((e) => `${e.tagName}.${e.className}`),
    );
    assert.deepEqual(wide, [], where);
  };
  await page.goto(`${world.url}/?view=status`);
  await page.getByText('All is well').waitFor();
  await fits('status');
  await page.goto(`${world.url}/?view=setup`);
  for (const name of [
    'Welcome',
    'Something that thinks',
    'Hark in your pocket',
    'Let Hark speak first',
    'Your first reminder',
  ]) {
    await page.getByRole('heading', { name, exact: true }).waitFor();
    await fits(name);
    if (name !== 'Your first reminder')
      await page.getByRole('button', { name: /^(Continue|Not now|Go on without)$/ }).click();
  }
});
