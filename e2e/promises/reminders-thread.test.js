import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { Reminders } from '../lib/reminders.js';
import { until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('a phrase in the chat is echoed, fires in the thread on its second, once, and is done there', async (t) => {
  const world = await startWorld(t);
  const { page, context } = await world.open();
  const app = new App(page);
  const reminders = new Reminders(page);
  await app.send('remind me in 4 seconds to stretch');
  await app.reply('stretch').first().waitFor();
  const [made] = await reminders.all();
  assert.equal(made.text, 'stretch');

  const card = app.replies.filter({ has: page.getByRole('button', { name: 'Done' }) });
  await card.waitFor({ timeout: 20_000 });
  const seen = Date.now();
  assert.match((await card.textContent()) ?? '', /Reminder\s*stretch/);
  const late = seen - Date.parse(made.next);
  t.diagnostic(`due to screen: ${late} ms`);
  assert.ok(late > -50 && late < 1000, `it was seen ${late} ms after its time`);
  const conversation = await app.conversation();
  const fired = (await world.messages(context, conversation)).filter((m) => m.source?.kind === 'reminder');
  assert.equal(fired.length, 1);
  assert.ok(Date.parse(fired[0].created) - Date.parse(made.next) < 500);

  await card.getByRole('button', { name: 'Done' }).click();
  await app.thread.locator('[data-answer=done]').waitFor();
  await until('the reminder to be over', async () => (await reminders.all())[0].state === 'done');
  await reminders.open();
  await page.getByRole('button', { name: /^Done 1/ }).click();
  await reminders.row('stretch').waitFor();
  await reminders.choose('stretch', 'History');
  await reminders.dialog.getByRole('listitem').filter({ hasText: 'Done' }).waitFor();
  await reminders.dialog.getByRole('button', { name: 'Open the message' }).click();
  await app.thread.locator('[data-answer=done]').waitFor();
});

promise('a reminder is snoozed from the thread, by the menu and in words, and comes again', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  const reminders = new Reminders(page);
  await app.send('remind me in 1 second to drink');
  const open = app.replies.filter({ has: page.getByRole('button', { name: 'Snooze' }) });
  await open.waitFor({ timeout: 20_000 });

  await open.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('menuitem', { name: 'Another time' }).click();
  await page.getByRole('textbox', { name: 'When' }).fill('in 3 seconds');
  await page.getByRole('dialog').getByText('now').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Snooze' }).click();
  await app.thread.locator('[data-answer=snoozed]').waitFor();
  const [{ snoozed }] = await reminders.all();

  await open.waitFor({ timeout: 20_000 });
  assert.ok(Date.now() - Date.parse(snoozed) < 1000, 'it comes again on the second');
  await open.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('menuitem', { name: 'For an hour' }).click();
  await until('the reminder to wait', async () => {
    const [r] = await reminders.all();
    const minutes = (Date.parse(r.snoozed) - Date.now()) / 60_000;
    return minutes > 58 && minutes < 61;
  });
  await app.thread
    .getByText(/Snoozed until/)
    .last()
    .waitFor();
  await reminders.open();
  await reminders.row('drink').getByText('Snoozed', { exact: true }).waitFor();
});
