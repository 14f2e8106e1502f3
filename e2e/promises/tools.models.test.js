import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { startWorld } from '../lib/world.js';

promise('a model is tried before it is saved, and then answers; its key is never shown again', async (t) => {
  const world = await startWorld(t);
  const { page, context } = await world.open();
  const app = new App(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Add a model' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Address' }).fill(world.model.env.HARK_MODEL_URL);
  await dialog.getByRole('textbox', { name: 'Model', exact: true }).fill('fake');
  await dialog.getByLabel('Key').fill('secret-1');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Mine');

  await dialog.getByRole('button', { name: 'Test' }).click();
  (await world.model.next()).refuse(401, 'This key is not valid here');
  await dialog.getByRole('button', { name: 'Save anyway' }).waitFor();
  await dialog.getByRole('button', { name: 'Test again' }).click();
  const trial = await world.model.next();
  assert.equal(trial.authorization, 'Bearer secret-1');
  trial.finish('ready');
  await dialog.getByText(/answered “ready” after/).waitFor();
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('by default').waitFor();
  const settings = await (await context.request.get(`${world.daemon.url}/api/settings`)).text();
  assert.doesNotMatch(settings, /secret-1/);

  await page.getByRole('button', { name: 'New chat' }).first().click();
  await app.send('What do you think?');
  (await world.model.next()).finish('I think so.');
  await app.reply('I think so.').waitFor();
});

promise('what Hark remembers is read, changed and forgotten on its screen', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByRole('textbox', { name: 'Something to remember' }).fill('I take my coffee black');
  await page.getByRole('button', { name: 'Remember' }).click();
  await page.getByRole('button', { name: 'Edit: I take my coffee black' }).click();
  await page.getByRole('dialog').getByRole('textbox').fill('I take my coffee with milk');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.reload();
  await page.getByText('I take my coffee with milk').waitFor();
  await page.getByRole('button', { name: 'Forget: I take my coffee with milk' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
  await page.getByText('Nothing yet.').waitFor();
});
