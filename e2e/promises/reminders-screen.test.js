import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { complaints, withAxe } from '../lib/axe.js';
import { artefacts, promise } from '../lib/evidence.js';
import { Reminders } from '../lib/reminders.js';
import { until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

/** Reminders of every sort, all far from now. */
const many = [
  { phrase: 'every weekday at 8:30 to stand up' },
  { phrase: 'every 90 minutes between 9 and 17 to stretch' },
  { phrase: 'every wednesday at 18:00 to water the plants' },
  { phrase: 'on the last day of the month at 20:00 to pay the rent', priority: 5 },
  { phrase: 'tomorrow at 9 to call the dentist', nag: { every_s: 600, max: 3 } },
  { text: 'meet the team', schedule: '0 10 * * 1-5', zone: 'America/New_York' },
  { text: 'summarise my calendar', schedule: '30 7 * * *', kind: 'prompt' },
];

/** @param {Reminders} reminders */
async function fill(reminders) {
  for (const one of many) await reminders.call('post', '/api/reminders', { zone: 'Europe/Berlin', ...one });
}

promise(
  'the line shows what it understood while typing, asks when it is unclear, and adds what it showed',
  async (t) => {
    const world = await startWorld(t);
    const { page } = await world.open();
    const reminders = new Reminders(page);
    await reminders.open();
    const { line, understood } = reminders;

    await line.pressSequentially('every weekday at 8:30 to stand up', { delay: 15 });
    await understood.getByText('Weekdays at 08:30').waitFor();
    await understood.getByText('stand up', { exact: true }).waitFor();
    assert.equal(await understood.getByRole('listitem').count(), 5);

    await line.fill('stand up');
    await understood.getByText('When?').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Add', exact: true }).isDisabled());
    await line.fill('call mum yesterday at 9');
    await understood.getByText('has gone by').waitFor();

    await line.fill('call mum at 3');
    await understood.getByText('Morning or afternoon?').waitFor();
    await understood.getByRole('button', { name: /15:00/ }).click();
    await understood.getByText('call mum', { exact: true }).waitFor();
    await line.press('Enter');
    await reminders.offer.filter({ hasText: 'call mum' }).waitFor();
    await reminders.row('call mum').getByText(/15:00/).waitFor();

    await reminders.offer.getByRole('button', { name: 'Undo' }).click();
    await reminders.row('call mum').waitFor({ state: 'detached' });
    assert.deepEqual(await reminders.all(), []);
  },
);

promise('a reminder is edited with a live preview, paused, resumed and skipped', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const reminders = new Reminders(page);
  await reminders.open();
  await reminders.add('every weekday at 8:30 to stand up');

  await reminders.row('stand up').getByRole('button', { name: 'Edit' }).click();
  const { dialog } = reminders;
  assert.equal(await dialog.getByRole('textbox', { name: 'When' }).inputValue(), 'Weekdays at 08:30');
  assert.equal(await dialog.getByRole('listitem').count(), 5);
  await dialog.getByRole('textbox', { name: 'When' }).fill('every monday at 7:00');
  await dialog.getByText('Every Monday at 07:00').waitFor();
  await dialog.getByRole('textbox', { name: 'What' }).fill('stand up and stretch');
  await dialog.getByRole('combobox', { name: 'Priority' }).selectOption('High');
  await dialog.getByRole('combobox', { name: 'Until I say done' }).selectOption('Again every 10 minutes');
  await dialog.getByRole('radio', { name: /Do not catch up/ }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  const row = reminders.row('stand up and stretch');
  await row.getByText('Every Monday at 07:00').waitFor();
  await row.getByText('High priority').waitFor();
  const [changed] = await reminders.all();
  assert.equal(changed.schedule, '0 7 * * 1');
  assert.deepEqual([changed.priority, changed.misfire, changed.nag], [4, 'skip', { every_s: 600, max: 5 }]);

  await dialog.waitFor({ state: 'detached' });
  await reminders.choose('stand up and stretch', 'Pause');
  await row.getByText('Paused').waitFor();
  await reminders.choose('stand up and stretch', 'Resume');
  await row.getByText('Paused').waitFor({ state: 'detached' });
  await reminders.choose('stand up and stretch', 'Skip the next one');
  await until('the next week', async () => {
    const [r] = await reminders.all();
    return Math.round((Date.parse(r.next) - Date.parse(changed.next)) / 86_400_000) === 7;
  });
  await reminders.choose('stand up and stretch', 'History');
  await dialog.getByText('Skipped').waitFor();
});

promise('a deleted reminder is gone everywhere at once and comes back with one click', async (t) => {
  const world = await startWorld(t);
  const { page, context } = await world.open();
  const reminders = new Reminders(page);
  await reminders.open();
  await reminders.add('every friday at 18:00 to water the plants');
  const [before] = await reminders.all();
  const second = new Reminders(await context.newPage());
  await second.page.goto(`${world.url}/?view=reminders`);
  await second.row('water the plants').waitFor();

  await page.bringToFront();
  await reminders.choose('water the plants', 'Delete');
  await reminders.row('water the plants').waitFor({ state: 'detached' });
  await second.row('water the plants').waitFor({ state: 'detached' });
  assert.deepEqual(await reminders.all(), []);
  await reminders.offer.getByRole('button', { name: 'Undo' }).click();
  await reminders.row('water the plants').waitFor();
  await second.row('water the plants').waitFor();
  const [after] = await reminders.all();
  assert.deepEqual([after.schedule, after.zone, after.next], [before.schedule, before.zone, before.next]);
});

promise('times are told with their zone, on both clocks where they differ', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open({ timezoneId: 'America/New_York' });
  const reminders = new Reminders(page);
  await reminders.call('post', '/api/reminders', {
    text: 'call home',
    schedule: '0 20 * * *',
    zone: 'Europe/Berlin',
  });
  await reminders.call('post', '/api/reminders', { text: 'lunch', schedule: '0 12 * * *', zone: 'America/New_York' });
  await reminders.open();
  const row = reminders.row('call home');
  await row.getByText(/20:00 Berlin time/).waitFor();
  await row.getByText(/1[345]:00 here/).waitFor();
  assert.equal(
    await reminders
      .row('lunch')
      .getByText(/here|time/)
      .count(),
    0,
  );
});

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  promise(`list, agenda and month are a clear picture without a fault of accessibility, ${colorScheme}`, async (t) => {
    const world = await startWorld(t);
    const context = await world.browser({ colorScheme });
    await withAxe(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(world.url);
    const reminders = new Reminders(page);
    await fill(reminders);
    await reminders.open();
    await reminders.row('pay the rent').waitFor();
    mkdirSync(artefacts, { recursive: true });
    const look = async (/** @type {string} */ name) => {
      assert.deepEqual(await complaints(page), [], name);
      await page.screenshot({ path: `${artefacts}reminders-${name}-${colorScheme}.png` });
    };
    await look('list');

    await reminders.show('Agenda');
    await page.getByRole('button', { name: /call the dentist/ }).waitFor();
    await look('agenda');
    const told = page.waitForResponse(/agenda/);
    await reminders.show('Month');
    await told;
    await look('month');
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no sideways scrolling');
    await look('month-320');
    await page.setViewportSize({ width: 390, height: 844 });
    await reminders.show('Agenda');
    await look('agenda-phone');
    await page.setViewportSize({ width: 1280, height: 800 });
    await reminders.show('List');
    await reminders.row('pay the rent').getByRole('button', { name: 'Edit' }).click();
    await reminders.dialog.getByRole('listitem').nth(4).waitFor();
    await look('edit');
  });
}

promise('the month is walked by keys, day by day and month by month, and a day tells what it holds', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const reminders = new Reminders(page);
  await fill(reminders);
  await reminders.open();
  await reminders.show('Month');
  const chosen = page.getByRole('grid').locator('[aria-selected=true] button');
  await chosen.focus();
  const day = async () => (await chosen.textContent()) ?? '';
  const today = await day();
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await day(), today);
  await until('the dentist of tomorrow', async () => /\d reminders?/.test(await day()));
  await page.getByRole('button', { name: /09:00.*call the dentist/ }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageUp');
  assert.equal((await day()).split(',')[0], today.split(',')[0]);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('tabindex')), '0');
});

promise('quiet hours hold a reminder back, and both the screen and the echo say until when', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const reminders = new Reminders(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Keep quiet at night' }).check();
  await page.getByLabel('From').fill('01:00');
  await page.getByLabel('To', { exact: true }).fill('05:00');
  await page.getByLabel('To', { exact: true }).blur();
  await until('the settings', async () => {
    const { quiet } = await reminders.call('get', '/api/settings');
    return quiet.on && quiet.from === '01:00' && quiet.to === '05:00';
  });
  await reminders.call('put', '/api/settings', { zone: 'Europe/Berlin' });
  await reminders.open();
  await reminders.add('tomorrow at 3:30 am to check the roast');
  await reminders.offer.getByText(/05:00/).waitFor();
  await reminders
    .row('check the roast')
    .getByText(/quiet hours, due .*03:30/)
    .waitFor();
});
