import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('the app can be installed: no fault in the manifest, the icons or the worker', async (t) => {
  const world = await startWorld(t);
  const context = await world.browser();
  const page = context.pages()[0] ?? (await context.newPage());
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && complaints.push(m.text()));
  page.on('requestfailed', (r) => complaints.push(`${r.url()}: ${r.failure()?.errorText}`));
  page.on('pageerror', (e) => complaints.push(String(e)));
  await page.goto(world.url);
  await new App(page).composer.waitFor();
  await until('the worker to hold the page', () => page.evaluate(() => navigator.serviceWorker.controller !== null));

  const cdp = await context.newCDPSession(page);
  const manifest = await cdp.send('Page.getAppManifest');
  assert.deepEqual(manifest.errors, []);
  const { name, icons, display } = JSON.parse(manifest.data ?? '{}');
  assert.equal(name, 'Hark');
  assert.equal(display, 'standalone');
  assert.ok(icons.some((/** @type {any} */ i) => i.purpose?.includes('maskable')));
  for (const icon of icons) {
    const answer = await page.request.get(new URL(icon.src, manifest.url).href);
    assert.equal(answer.status(), 200, icon.src);
  }
  assert.deepEqual((await cdp.send('Page.getInstallabilityErrors')).installabilityErrors, []);
  assert.deepEqual(complaints, []);
});
