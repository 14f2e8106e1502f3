import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { startBrowser } from '../lib/browser.js';
import { startDaemon } from '../lib/daemon.js';
import { promise } from '../lib/evidence.js';

promise('from the printed link to the first answer, and the reminder comes', async (t) => {
  const daemon = await startDaemon(t);
  const context = await startBrowser(t);
  const page = context.pages()[0] ?? (await context.newPage());
  const app = new App(page);

  await page.goto(daemon.pairing);
  await app.composer.waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the one-time code must not stay in the address bar');

  await app.send('remind me in 3 seconds to stretch');
  await app.replies.first().waitFor();
  assert.match((await app.replies.first().textContent()) ?? '', /stretch/);

  const reminder = app.replies.filter({ hasText: 'Reminder' }).filter({ hasText: 'stretch' });
  await reminder.waitFor({ timeout: 20_000 });
  assert.equal(await reminder.count(), 1);
});

promise('a browser that is not paired is told what to do, and a wrong code is refused in words', async (t) => {
  const daemon = await startDaemon(t);
  const context = await startBrowser(t);
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(daemon.url);
  await page.getByRole('heading', { name: 'Pair this browser' }).waitFor();
  await page.getByLabel('Pairing code').fill('WRONGCODE');
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await page.getByText('This code is not valid').waitFor();

  await page.getByLabel('Pairing code').fill((await daemon.code()).code);
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await new App(page).composer.waitFor();
});
