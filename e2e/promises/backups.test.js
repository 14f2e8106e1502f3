import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { withAxe } from '../lib/axe.js';
import { startBrowser } from '../lib/browser.js';
import { promise } from '../lib/evidence.js';
import { devices, look } from '../lib/look.js';
import { startWorld } from '../lib/world.js';

for (const [device, options] of Object.entries(devices)) {
  promise(`a backup is made and fetched from the settings on a ${device}, light and dark`, async (t) => {
    const world = await startWorld(t);
    const context = await startBrowser(t, options);
    await withAxe(context);
    await world.pair(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${world.url}/?view=settings`);
    const card = page.getByRole('region', { name: 'Backups' });
    await card.getByText('There is no backup yet.').waitFor();
    await card.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText('Backed up and verified').first().waitFor();
    await card.getByText('Last backup:').waitFor();
    await card.getByText('All backups (1)').click();
    await card.getByText(/hark restore .*\.hark/).scrollIntoViewIfNeeded();
    const found = await look(page, `${device}-backups`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('link', { name: 'Download' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^hark-\d{8}T\d{6}Z\.hark$/);
    assert.equal(readFileSync(await download.path()).readUInt32LE(0), 0xfd2fb528, 'zstd');
    assert.deepEqual(found, {});
  });
}
