import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { withAxe } from '../lib/axe.js';
import { startBrowser } from '../lib/browser.js';
import { promise } from '../lib/evidence.js';
import { devices, look } from '../lib/look.js';
import { startTools } from '../lib/tools.js';
import { until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

const long = Array.from({ length: 60 }, (_, n) => `Line ${n + 1} of what was found, with a few words in it.`).join(
  '\n',
);

for (const [device, options] of Object.entries(devices)) {
  promise(`what a reply does is without a fault of access on a ${device}, light and dark`, async (t) => {
    const world = await startWorld(t, { model: true });
    const tools = await startTools(t, world.daemon);
    const context = await startBrowser(t, options);
    await withAxe(context);
    await world.pair(context);
    const page = context.pages()[0] ?? (await context.newPage());
    const app = new App(page);
    /** @type {Record<string, string[]>} */
    const found = {};
    const see = async (/** @type {string} */ name) => Object.assign(found, await look(page, `${device}-turn-${name}`));
    const last = () => app.replies.last();

    await page.goto(`${world.url}/?view=new`);
    await app.send('What do you know about me, and what time is it?');
    const one = await world.model.next();
    one.think('The owner asks what I know. I should look into the memory first, then at the clock.\n\nBoth only read.');
    await last().getByRole('timer').waitFor();
    await see('thinking');
    one.say('Let me look.');
    one.use(['recall', { query: 'coffee' }], ['current_time', {}], ['nothing', { note: long }]);
    const two = await world.model.next();
    two.use(['e2e__slow', {}]);
    await last().locator('[data-step] [role=timer]').waitFor();
    await see('running');
    tools.release();
    (await world.model.next()).finish('I know nothing about you yet. It is a quarter past eight.');
    await app.reply('a quarter past eight').waitFor();
    await see('steps');
    await last().locator('details').nth(3).locator('summary').click();
    await last().locator('details').first().locator('summary').click();
    await see('unfolded');

    await page.goto(`${world.url}/?view=new`);
    await app.send('The plants need water in the morning, and remember that I like them green');
    (await world.model.next()).use(
      ['remind', { text: 'water the plants', when: 'tomorrow at 9' }],
      ['remember', { text: 'Likes the plants green' }],
    );
    await last().getByRole('button', { name: 'Allow once' }).nth(1).waitFor();
    await see('approval');
    await last().getByRole('button', { name: 'Always allow' }).last().click();
    await last().getByRole('button', { name: 'Deny' }).first().click();
    (await world.model.next()).finish('I will remember it, and not remind you.');
    await app.reply('I will remember it').waitFor();
    await see('denied');

    await page.goto(`${world.url}/?view=new`);
    const fresh = tools.hold();
    await app.send('Press the button');
    (await world.model.next()).use(['e2e__press', {}]);
    await last().getByRole('button', { name: 'Allow once' }).click();
    await until('the tool to have begun', () => fresh().includes('press'));
    await world.daemon.kill();
    await world.daemon.start();
    await last().getByRole('button', { name: 'It was done' }).waitFor();
    await see('unknown');
    await last().getByRole('button', { name: 'Skip it' }).click();
    (await world.model.next()).finish('Then I leave it.');
    await app.reply('Then I leave it.').waitFor();

    await page.goto(`${world.url}/?view=settings`);
    await page.getByRole('button', { name: 'Add a model' }).waitFor();
    await page.getByText('this device', { exact: false }).first().waitFor();
    await see('settings');
    await page.getByText('Tool servers').scrollIntoViewIfNeeded();
    await see('tools');
    await page.getByRole('heading', { name: 'Usage' }).evaluate((e) => e.scrollIntoView({ block: 'start' }));
    await see('usage');
    await page.getByRole('button', { name: 'Add a model' }).click();
    await page.getByRole('dialog').waitFor();
    await see('model');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Show', exact: true }).first().click();
    await page.getByText('Likes the plants green').waitFor();
    await see('memory');
    assert.deepEqual(found, {});
  });
}
