import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { startWorld } from '../lib/world.js';

promise('what was typed and not sent survives a reload and a closed tab, each conversation its own', async (t) => {
  const world = await startWorld(t);
  const { page, context } = await world.open();
  const app = new App(page);
  await world.fire('hello');
  await app.openConversation(/Inbox/);
  await app.composer.pressSequentially('half a thought');
  await page.getByRole('button', { name: 'New chat' }).click();
  await app.composer.pressSequentially('another one');
  await page.reload();
  assert.equal(await app.composer.inputValue(), 'another one');

  await page.close();
  const later = new App(await context.newPage());
  await later.page.goto(world.url);
  await later.openConversation(/Inbox/);
  assert.equal(await later.composer.inputValue(), 'half a thought');
});
