import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { startRewrite } from '../lib/rewrite.js';
import { pause, until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('a new version waits until it is asked for, then loads once and keeps the draft', async (t) => {
  const world = await startWorld(t);
  const rewrite = await startRewrite(t, world.daemon.url);
  const context = await world.browser();
  const page = context.pages()[0] ?? (await context.newPage());
  const app = new App(page);
  await page.goto(rewrite.url);
  await app.composer.waitFor();
  await until('the worker to hold the page', () => page.evaluate(() => navigator.serviceWorker.controller !== null));
  const offer = page.getByText('A new version is ready');
  assert.equal(await offer.count(), 0, 'the first installation is no update');
  await app.composer.pressSequentially('do not lose me');

  let loads = 0;
  page.on('load', () => loads++);
  rewrite.worker = (source) => source.replace(/(build["']?:\s*[`"'])\w+/, '$1nextversion');
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await offer.waitFor();
  await pause(500);
  assert.equal(loads, 0, 'nothing changes before the person says so');

  await page.getByRole('button', { name: 'Update', exact: true }).click();
  await until('the page to load', () => loads > 0);
  await app.composer.waitFor();
  await pause(1000);
  assert.equal(loads, 1);
  assert.equal(await app.composer.inputValue(), 'do not lose me');
  assert.equal(await offer.count(), 0);
  const kept = await page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('hark-shell-')));
  assert.equal(kept.length, 2, 'the version before keeps its files');
  assert.ok(kept.includes('hark-shell-nextversion'));
});
