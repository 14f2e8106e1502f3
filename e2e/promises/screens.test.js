import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { withAxe } from '../lib/axe.js';
import { startBrowser } from '../lib/browser.js';
import { promise } from '../lib/evidence.js';
import { devices, look } from '../lib/look.js';
import { rich } from '../lib/sample.js';
import { startWorld } from '../lib/world.js';

for (const [device, options] of Object.entries(devices)) {
  promise(`every screen is without a fault of access on a ${device}, light and dark`, async (t) => {
    const world = await startWorld(t, { model: true });
    const context = await startBrowser(t, options);
    await withAxe(context);
    const page = context.pages()[0] ?? (await context.newPage());
    const app = new App(page);
    const narrow = device === 'phone';
    /** @type {Record<string, string[]>} */
    const found = {};
    const see = async (/** @type {string} */ name) => Object.assign(found, await look(page, `${device}-${name}`));
    const begin = async () => {
      if (narrow) await page.goto(`${world.url}/?view=new`);
      await app.composer.waitFor();
    };

    await page.goto(world.url);
    await page.getByRole('heading', { name: 'Pair this browser' }).waitFor();
    await see('pair');
    await world.pair(context);
    await page.goto(world.url);
    await begin();
    await page.getByRole('button', { name: 'What can you do?' }).waitFor();
    await see('empty');

    await app.send('How do I bake bread? Tell me everything, please.');
    const call = await world.model.next();
    call.say(rich.slice(0, 400));
    await app.reply('Let it rest').waitFor();
    await see('streaming');
    call.finish(rich.slice(400));
    await app.reply('whatever the weather').waitFor();
    await see('thread');
    await app.reply('whatever the weather').getByRole('button', { name: 'Message options' }).click();
    await page.getByRole('menu').waitFor();
    await see('menu');
    await page.keyboard.press('Escape');
    await app.send('And cake?');
    const broken = await world.model.next();
    broken.say('Cake is ');
    await app.reply('Cake is').waitFor();
    broken.cut();
    await app.replies.last().locator('.error').waitFor();
    await see('error');

    await world.fire({ title: 'Washing machine', text: 'Done after **58 minutes**.', priority: 5 });
    await world.fire({ title: 'Backup', text: 'All files are safe.', click: 'https://example.org/backup' });
    await page.goto(world.url);
    await app.list.getByText('2 unread messages').waitFor();
    await see('list');
    await app.openConversation(/Inbox/);
    await app.reply('All files are safe').waitFor();
    await see('inbox');

    await page.goto(world.url);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('dialog').getByRole('searchbox').fill('files');
    await page.getByRole('dialog').getByText('All files are safe').waitFor();
    await see('search');
    await page.goto(`${world.url}/?view=settings`);
    await page.getByText('· this device').waitFor();
    await see('settings');
    await page.getByRole('heading', { name: 'Notifications' }).scrollIntoViewIfNeeded();
    await see('notifications');
    await page.goto(`${world.url}/?view=devices`);
    await page.getByText('· this device').waitFor();
    await see('devices');
    await page
      .getByRole('button', { name: /^Options for/ })
      .last()
      .click();
    await page.getByRole('menuitem', { name: 'Unpair' }).click();
    await page.getByRole('dialog').getByText('pairing code').waitFor();
    await see('unpair');
    await page.goto(`${world.url}/?view=doctor`);
    await page.getByText('attention').first().waitFor();
    await page.getByRole('heading', { name: 'On the machine that runs Hark' }).waitFor();
    await see('doctor');
    await page.goto(world.url);
    await app.openConversation(/Inbox/);
    await app.reply('All files are safe').hover();
    await app.reply('All files are safe').getByRole('button', { name: 'Message options' }).click();
    await page.getByRole('menuitem', { name: 'Delivery' }).click();
    await page.getByRole('dialog').getByText('No notification was sent').waitFor();
    await see('delivery');
    assert.deepEqual(found, {});
  });
}

promise('nothing is wider than a screen of 320 px, at twice the text size too', async (t) => {
  const world = await startWorld(t, { model: true });
  world.model.auto = (call) => call.finish(rich);
  const { page } = await world.open({ viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true });
  const app = new App(page);
  await world.fire({ title: 'A title that is rather long for such a small screen', text: rich });
  const fits = async (/** @type {string} */ where) => {
    for (const size of ['100%', '200%']) {
      await page.evaluate((value) => void (document.documentElement.style.fontSize = value), size);
      const wide = await page.evaluate(() => {
        const inside = (/** @type {Element} */ e) => e.closest('.md-table, .md-code, .hidden-text');
        return [...document.querySelectorAll('body *')]
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility() && !inside(e))
          .map((e) => `${e.tagName}.${e.className}`);
      });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, 320, `${where} at ${size}`);
      assert.deepEqual(wide, [], `${where} at ${size}`);
    }
    await page.evaluate(() => void (document.documentElement.style.fontSize = ''));
  };
  await app.list.getByRole('link', { name: /Inbox/ }).waitFor();
  await fits('list');
  await app.openConversation(/Inbox/);
  await app.reply('whatever the weather').waitFor();
  await fits('inbox');
  await page.goto(`${world.url}/?view=new`);
  await app.composer.waitFor();
  await fits('empty');
  await app.send('averyveryverylongwordwithoutanyplacetobreakitthathastobebrokenanyway');
  await app.reply('whatever the weather').waitFor();
  await fits('thread');
  await page.goto(`${world.url}/?view=settings`);
  await page.getByText('· this device').waitFor();
  await fits('settings');
  await page.goto(`${world.url}/?view=devices`);
  await page.getByText('· this device').waitFor();
  await fits('devices');
  await page.goto(`${world.url}/?view=doctor`);
  await page.getByRole('heading', { name: 'On the machine that runs Hark' }).waitFor();
  await fits('doctor');
});
