import assert from 'node:assert/strict';
import { withAxe } from '../lib/axe.js';
import { startBrowser } from '../lib/browser.js';
import { promise } from '../lib/evidence.js';
import { devices, look } from '../lib/look.js';
import { startWorld } from '../lib/world.js';

const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

for (const [device, options] of Object.entries(devices)) {
  promise(`the owner brings Hark to the phone from the settings, on a ${device}`, async (t) => {
    const world = await startWorld(t, { env: { HARK_TLS_ADDR: '127.0.0.1:0', HARK_TAILSCALE_SOCKET: '/nowhere' } });
    const context = await startBrowser(t, device === 'phone' ? { ...options, userAgent: iphone } : options);
    await withAxe(context);
    await world.pair(context);
    const page = context.pages()[0] ?? (await context.newPage());
    /** @type {Record<string, string[]>} */
    const found = {};
    const see = async (/** @type {string} */ name) => Object.assign(found, await look(page, `${device}-phone-${name}`));
    const way = (/** @type {string} */ name) => page.locator(`[data-way=${name}]`);

    await page.goto(`${world.url}/?view=settings`);
    await page.getByRole('region', { name: 'On your phone' }).getByRole('button', { name: 'Set up' }).click();
    await page.getByText('Tailscale was not found on this machine.').waitFor();
    await see('ways');

    await way('proxy').getByRole('button', { name: 'Set up' }).click();
    await way('proxy').getByText('For the proxy: nginx').click();
    await way('proxy').getByText('proxy_buffering off').waitFor();
    await see('proxy');
    await way('proxy').getByRole('button', { name: 'Close' }).click();

    await way('domain').getByRole('button', { name: 'Set up' }).click();
    await way('domain').getByLabel('Name', { exact: true }).fill('box');
    await way('domain').getByLabel('Token').fill('secret');
    await way('domain').getByRole('button', { name: 'Get a certificate' }).click();
    await way('domain').getByText('Enter a name that you own, such as hark.example.org.').waitFor();
    await see('refused');
    await way('domain').getByRole('button', { name: 'Close' }).click();

    await way('local').getByRole('button', { name: 'Set up' }).click();
    await way('local').getByLabel('Address for the phone').selectOption('Another name');
    await way('local').getByLabel('Name', { exact: true }).fill('hark.home.arpa');
    await way('local').getByRole('button', { name: 'Set up' }).last().click();
    await page.getByRole('heading', { name: 'Phones can come in' }).waitFor();
    await page
      .getByText(/https:\/\/hark\.home\.arpa:\d+/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Show the code' }).click();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    assert.match(await page.locator('.link').innerText(), /^http:\/\/127\.0\.0\.1:\d+\/trust#pair=/);
    await page.locator('main .scroll').evaluate((e) => e.scrollTo(0, 0));
    await see('ready');
    const trust = await page.locator('.link').innerText();

    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('dialog').waitFor();
    await see('off');
    await page.getByRole('button', { name: 'Cancel' }).click();

    await page.goto(trust);
    await page.getByText('This device does not trust Hark yet.').waitFor();
    await see('trust');
    for (const system of await page.locator('.system').all()) {
      if (!(await system.getAttribute('open').then((o) => o !== null))) await system.locator('summary').click();
    }
    assert.equal(await page.locator('.screen').count(), 10);
    await page.screenshot({ path: `artefacts/${device}-phone-trust-all.png`, fullPage: true });

    if (device === 'phone') {
      const stranger = await startBrowser(t, { ...options, userAgent: iphone });
      await withAxe(stranger);
      const fresh = stranger.pages()[0] ?? (await stranger.newPage());
      const { code } = await world.daemon.code();
      await fresh.goto(`${world.url}/#pair=${code}`);
      await fresh.getByText('Open Hark from the Home Screen.').waitFor();
      assert.match(await fresh.locator('.home').innerText(), new RegExp(code));
      Object.assign(found, await look(fresh, 'phone-pair-iphone'));
      await fresh.getByRole('button', { name: 'Pair' }).click();
      await fresh.locator('.side').waitFor();
    }
    assert.deepEqual(found, {});
  });
}
