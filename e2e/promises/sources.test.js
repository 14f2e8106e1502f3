import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { withAxe } from '../lib/axe.js';
import { startBrowser } from '../lib/browser.js';
import { promise } from '../lib/evidence.js';
import { devices, look } from '../lib/look.js';
import { startWorld } from '../lib/world.js';

for (const [device, options] of Object.entries(devices)) {
  promise(
    `the owner has a feed watched, sees what is wrong with another, and is told of what is new, on a ${device}`,
    async (t) => {
      const world = await startWorld(t);
      let entries = '<item><title>Old news</title><guid>1</guid></item>';
      const server = createServer((_, answer) => answer.end(`<rss version="2.0"><channel>${entries}</channel></rss>`));
      await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
      t.after(() => server.close());
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());

      const context = await startBrowser(t, options);
      await world.pair(context);
      await withAxe(context);
      const page = context.pages()[0] ?? (await context.newPage());
      await page.goto(`${world.url}/?view=sources`);
      /** @type {Record<string, string[]>} */
      const found = {};
      const see = async (/** @type {string} */ name) =>
        Object.assign(found, await look(page, `${device}-sources-${name}`));
      const dialog = page.getByRole('dialog');
      await page.getByText('Nothing is watched yet.').waitFor();

      await page.getByRole('button', { name: 'Add a feed' }).click();
      await see('feed');
      await dialog.getByLabel('Address of the feed').fill(`http://127.0.0.1:${port}/feed`);
      await dialog.getByLabel('Name').fill('Village news');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText(/looked .* · nothing new so far/).waitFor();

      await page.getByRole('button', { name: 'Add a mailbox' }).click();
      await see('mail');
      await dialog.getByLabel('IMAP server').fill('127.0.0.1:1');
      await dialog.getByLabel('Security').selectOption('none, at home only');
      await dialog.getByLabel('User').fill('anna');
      await dialog.getByLabel('Password').fill('secret');
      await dialog.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('Nothing answers at 127.0.0.1:1.').waitFor();

      entries = `<item><title>The bridge is open</title><guid>2</guid><link>https://site.example/2</link><description>Since this morning.</description></item>${entries}`;
      await page.getByRole('button', { name: 'Look at Village news now' }).click();
      await page.getByText(/1 message/).waitFor();
      await see('list');
      await page.getByRole('button', { name: 'Change anna' }).click();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('Nothing answers').waitFor({ state: 'detached' });

      // Muted from its message, for an hour; the list and the dialog say so, and give it its sound back.
      const bridge = page.locator('article', { hasText: 'The bridge is open' });
      const { messages } = await (await context.request.get(`${world.url}/api/search?q=bridge`)).json();
      await page.goto(`${world.url}/?c=${messages[0].conversation}`);
      await bridge.hover();
      await bridge.getByRole('button', { name: 'Message options' }).click();
      await page.getByRole('menuitem', { name: 'Mute this source' }).click();
      await dialog.getByRole('button', { name: 'for an hour' }).waitFor();
      await see('mute');
      await dialog.getByRole('button', { name: 'for an hour' }).click();
      await page
        .getByText(/“Village news” is muted until/)
        .first()
        .waitFor();
      await page.goto(`${world.url}/?view=sources`);
      await page.getByText(/1 message · muted until/).waitFor();
      await see('muted');
      entries = `<item><title>The ferry is late</title><guid>3</guid></item>${entries}`;
      await page.getByRole('button', { name: 'Look at Village news now' }).click();
      await page.getByText(/2 messages/).waitFor();
      const ferry = await (await context.request.get(`${world.url}/api/search?q=ferry`)).json();
      assert.equal(ferry.messages[0].silent, true);
      await page.getByRole('button', { name: 'Change Village news' }).click();
      await see('change');
      await dialog.getByLabel('Mute').selectOption('not muted');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByText(/muted until/).waitFor({ state: 'detached' });

      const list = await (await context.request.get(`${world.url}/api/search?q=bridge`)).json();
      assert.equal(list.messages.length, 1);
      assert.deepEqual(found, {});
    },
  );
}
