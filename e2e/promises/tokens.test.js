import assert from 'node:assert/strict';
import { complaints, withAxe } from '../lib/axe.js';
import { promise } from '../lib/evidence.js';
import { startWorld } from '../lib/world.js';

promise('the owner bounds what a token may say, mutes it, and gives it a new secret', async (t) => {
  const world = await startWorld(t);
  const secret = (await world.daemon.hark('token', 'create', 'scanner')).trim();
  const { context, page } = await world.open();
  await withAxe(context);
  await page.goto(`${world.url}/?view=settings`);
  const change = page.getByRole('button', { name: 'Change scanner' });
  await change.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Icon, an emoji').fill('🔎');
  await dialog.getByLabel('At most as loud as').selectOption('Quiet');
  await dialog.getByLabel('Messages a minute').fill('30');
  await dialog.getByLabel('Mute').selectOption('for an hour');
  await dialog.getByLabel('Its buttons may call').fill('home.example\nnas.local:8123');
  assert.deepEqual(await complaints(page), []);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('at most quiet').waitFor();
  await page.getByText(/muted until/).waitFor();

  const list = JSON.parse(await world.daemon.hark('token', 'list', '--json')).tokens;
  const scanner = list.find((/** @type {{name: string}} */ token) => token.name === 'scanner');
  assert.deepEqual(
    [scanner.icon, scanner.max_priority, scanner.rate, scanner.callbacks],
    ['🔎', 2, 30, ['home.example', 'nas.local:8123']],
  );

  await change.click();
  await dialog.getByRole('button', { name: 'New secret' }).click();
  await dialog.getByRole('button', { name: 'Yes, a new secret' }).click();
  const fresh = await page.locator('[data-token]').innerText();
  const say = (/** @type {string} */ token) =>
    fetch(`${world.daemon.url}/inbox`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: 'found it',
    });
  assert.equal((await say(secret)).status, 401);
  assert.equal((await say(fresh)).status, 200);
});
