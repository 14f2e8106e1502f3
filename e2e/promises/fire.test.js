import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { startWorld } from '../lib/world.js';

promise("a script's fire appears in the open page at once, without a reload", async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  await app.composer.waitFor();
  let loads = 0;
  page.on('load', () => loads++);

  const sent = Date.now();
  await world.fire('The washing machine is **done**');
  const row = app.list.getByRole('link', { name: /Inbox/ });
  await row.getByText('The washing machine is').waitFor();
  t.diagnostic(`fire to screen: ${Date.now() - sent} ms`);
  await row.getByText('1 unread message').waitFor();

  await row.click();
  await app.reply('The washing machine is').waitFor();
  await world.fire({ title: 'Build', text: 'second', priority: 5 });
  await app.reply('second').getByRole('heading', { name: 'Build' }).waitFor();
  await row.getByText('unread').waitFor({ state: 'detached' });
  assert.equal(await app.replies.count(), 2);
  assert.equal(loads, 0);
});

promise('a fire with the same key is one message, and one that replaces another changes it in place', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  const first = await world.fire({ text: 'once', key: 'k1' });
  const again = await world.fire({ text: 'once', key: 'k1' });
  assert.equal(again.duplicate, true);
  await app.openConversation(/Inbox/);
  await world.fire({ text: 'disk 80 %', replace: 'disk' });
  await world.fire({ text: 'disk 90 %', replace: 'disk' });
  await app.reply('disk 90 %').waitFor();
  await app.shows(['Hark: once', 'Hark: disk 90 %']);
  assert.ok(first.conversation);
});
