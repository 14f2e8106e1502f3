import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ICAL from 'ical.js';
import { promise } from '../lib/evidence.js';
import { folder } from '../lib/folder.js';
import { Reminders } from '../lib/reminders.js';
import { startWorld } from '../lib/world.js';

const nextYear = new Date().getFullYear() + 1;

const many = [
  { phrase: 'every weekday at 8:30 to stand up', priority: 5 },
  { phrase: 'every other friday at 18:00 to water the plants' },
  { phrase: 'on the last day of the month at 20:00 to pay the rent' },
  { phrase: 'every year on 24 december at 17:00 to light the candles' },
  { phrase: 'tomorrow at 9 to call the dentist; ask, please: “why?”' },
  { text: 'meet the team', schedule: '0 10 * * 1-5', zone: 'America/New_York' },
  { text: 'Geburtstag von Jürgen 🎂', schedule: `at ${nextYear}-07-01T12:00:00` },
];

/**
 * The first instants of each event after now, by a second implementation of RFC 5545, which knows only what the file
 * says about zones.
 * @param {string} file
 */
function read(file) {
  const calendar = new ICAL.Component(ICAL.parse(file));
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  /** @type {Map<string, {times: string[], alarms: number}>} */
  const events = new Map();
  for (const part of calendar.getAllSubcomponents('vevent')) {
    const event = new ICAL.Event(part);
    const times = [];
    const all = event.iterator();
    for (let at = all.next(); at && times.length < 5; at = all.next()) {
      if (at.toJSDate().getTime() > Date.now()) times.push(at.toJSDate().toISOString());
      if (!event.isRecurring()) break;
    }
    events.set(event.summary, { times, alarms: part.getAllSubcomponents('valarm').length });
  }
  return events;
}

/** @param {string} instant */
const iso = (instant) => new Date(instant).toISOString();

/**
 * Text, zone, schedule and next times of every reminder, in the order of the texts.
 * @param {Reminders} reminders
 */
async function facts(reminders) {
  const all = [];
  for (const { id } of await reminders.all()) {
    const r = await reminders.call('get', `/api/reminders/${id}`);
    all.push({ text: r.text, zone: r.zone, schedule: r.schedule, priority: r.priority ?? 3, upcoming: r.upcoming });
  }
  return all.sort((a, b) => (a.text < b.text ? -1 : 1));
}

/**
 * Imports a file by the menu and returns what the dialog says.
 * @param {Reminders} reminders
 * @param {string} path
 */
async function importFile(reminders, path) {
  const chooser = reminders.page.waitForEvent('filechooser');
  await reminders.page.getByRole('button', { name: 'More for reminders' }).click();
  await reminders.page.getByRole('menuitem', { name: 'Import a calendar file' }).click();
  await (await chooser).setFiles(path);
  await reminders.dialog.waitFor();
  const said = (await reminders.dialog.textContent()) ?? '';
  await reminders.dialog.getByRole('button', { name: 'Close' }).click();
  return said;
}

promise('an exported file says the same times to another program, and comes back as the same reminders', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const reminders = new Reminders(page);
  for (const one of many) await reminders.call('post', '/api/reminders', { zone: 'Europe/Berlin', ...one });
  await reminders.open();
  await reminders.row('stand up').waitFor();

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'More for reminders' }).click();
  await page.getByRole('menuitem', { name: 'Export as .ics' }).click();
  const path = join(folder(t, 'ics'), 'reminders.ics');
  await (await download).saveAs(path);
  const before = await facts(reminders);
  const events = read(await readFile(path, 'utf8'));
  assert.equal(events.size, many.length);
  for (const { text, upcoming } of before) {
    assert.deepEqual(events.get(text)?.times, upcoming.map(iso), text);
    assert.equal(events.get(text)?.alarms, 1, text);
  }

  assert.match(await importFile(reminders, path), /Nothing was added.*It is here already/s);
  for (const { id } of await reminders.all()) await reminders.call('delete', `/api/reminders/${id}`);
  await reminders.row('stand up').waitFor({ state: 'detached' });
  assert.match(await importFile(reminders, path), new RegExp(`${many.length} reminders were added`));
  await reminders.row('stand up').waitFor();
  assert.deepEqual(await facts(reminders), before);
});

promise('a file from another calendar is taken in, and what was left out is named with its reason', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const reminders = new Reminders(page);
  await reminders.open();
  const path = join(folder(t, 'ics'), 'theirs.ics');
  const event = (/** @type {string[]} */ ...lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n');
  const file = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Someone//Else//EN',
    event('UID:1', 'SUMMARY:Choir', 'DTSTART;TZID=Europe/Berlin:20260105T193000', 'RRULE:FREQ=WEEKLY;BYDAY=MO'),
    event('UID:2', 'SUMMARY:Long ago', 'DTSTART:20200101T090000Z'),
    `BEGIN:VTODO\r\nUID:3\r\nSUMMARY:Tax return\r\nDUE;TZID=Europe/Berlin:${nextYear}0531T180000\r\nEND:VTODO`,
    'END:VCALENDAR',
    '',
  ];
  await writeFile(path, file.join('\r\n'));
  const said = await importFile(reminders, path);
  assert.match(said, /2 reminders were added/);
  assert.match(said, /1 entry was left out.*Long ago/s);
  await reminders
    .row('Choir')
    .getByText(/Monday at 19:30/)
    .waitFor();
  await reminders.row('Tax return').getByText(`31 May ${nextYear}`).waitFor();

  await writeFile(path, 'this is no calendar');
  await page.locator('[data-import]').setInputFiles(path);
  await page.locator('[data-announcer]').filter({ hasText: 'not a calendar' }).waitFor();
  assert.equal((await reminders.all()).length, 2);
});

promise('a calendar program reads the reminders at a secret address until it is revoked', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const reminders = new Reminders(page);
  await reminders.call('post', '/api/reminders', { ...many[0], zone: 'Europe/Berlin' });
  await reminders.open();
  await page.getByRole('button', { name: 'More for reminders' }).click();
  await page.getByRole('menuitem', { name: 'Subscribe from a calendar' }).click();
  await page.getByRole('button', { name: 'Create the address' }).click();
  const address = await page.getByRole('textbox', { name: 'Address of the calendar' }).inputValue();
  const [{ next }] = await reminders.all();

  const open = await fetch(address);
  assert.match(open.headers.get('Content-Type') ?? '', /^text\/calendar/);
  assert.equal(read(await open.text()).get('stand up')?.times[0], iso(next));
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Create the address' }).waitFor();
  assert.equal((await fetch(address)).status, 404);
});
