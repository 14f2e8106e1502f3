import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { App } from '../lib/app.js';
import { complaints, withAxe } from '../lib/axe.js';
import { after } from '../lib/after.js';
import { artefacts, promise } from '../lib/evidence.js';
import { startWorld } from '../lib/world.js';

/**
 * What the program that has fired a question is told.
 * @param {import('../lib/world.js').World} world
 * @param {string} message
 */
async function told(world, message) {
  const answer = await fetch(`${world.daemon.url}/api/assistant/fire/${message}/answer?wait=20`, {
    headers: { Authorization: `Bearer ${world.token}` },
  });
  return { status: answer.status, body: answer.status === 204 ? undefined : await answer.json() };
}

/**
 * A device of the house that can be called, and its answers.
 * @param {import('node:test').TestContext} t
 */
async function startGate(t) {
  const gate = { calls: /** @type {string[]} */ ([]), status: 200, host: '' };
  const server = createServer((request, response) => {
    gate.calls.push(`${request.method} ${request.url}`);
    response.writeHead(gate.status).end('ok');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  after(t, () => void server.close());
  gate.host = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  return gate;
}

promise('two devices answer at once: the first one counts, both show it, and the script is told', async (t) => {
  const world = await startWorld(t);
  const phone = new App((await world.open()).page);
  const desk = new App((await world.open()).page);
  const ask = { choices: ['Yes', 'No'], timeout: '10m', default: 'No' };
  const { message } = await world.fire({ title: 'Deploy?', text: 'All tests are green.', ask });
  const waiting = told(world, message);
  for (const app of [phone, desk]) await app.openConversation(/Inbox/);
  await phone.reply('All tests').getByText('10 min left, then “No”').waitFor();

  const yes = phone.reply('All tests').getByRole('button', { name: 'Yes' });
  const no = desk.reply('All tests').getByRole('button', { name: 'No' });
  await Promise.all([yes.waitFor(), no.waitFor()]);
  // Whichever is faster: the other's button may be gone under the finger.
  const press = (/** @type {import('playwright-core').Locator} */ b) =>
    b.evaluate((e) => void setTimeout(() => /** @type {HTMLElement} */ (e).click()));
  await Promise.all([press(yes), press(no)]);
  const { status, body } = await waiting;
  assert.equal(status, 200);
  for (const app of [phone, desk]) {
    const line = app.reply('All tests').locator('[data-ask=answered] b');
    await line.waitFor();
    assert.equal(await line.textContent(), body.answer);
    assert.equal(await app.reply('All tests').getByRole('button', { name: 'Yes' }).count(), 0);
  }
});

promise('a question takes words from the keyboard alone, and its time runs out before the eyes', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  const words = await world.fire({ text: 'Which branch?', ask: { text: true } });
  await app.openConversation(/Inbox/);
  await app.reply('Which branch?').getByRole('textbox', { name: 'Your answer' }).focus();
  await page.keyboard.type('the one with the fix');
  await page.keyboard.press('Enter');
  await app.reply('Which branch?').getByText('the one with the fix').waitFor();
  assert.equal((await told(world, words.message)).body.answer, 'the one with the fix');

  const soon = await world.fire({ text: 'Still there?', ask: { choices: ['Yes'], timeout: '2s', default: 'Yes' } });
  await app.reply('Still there?').getByText('Nobody answered in time: taken as “Yes”.').waitFor();
  const late = await told(world, soon.message);
  assert.equal(late.status, 410);
  assert.equal(late.body.answer, 'Yes');
});

promise('a button calls what its token names, once for each click, and shows what came of it', async (t) => {
  const world = await startWorld(t);
  const gate = await startGate(t);
  const made = await world.daemon.hark('token', 'create', 'gate', '--callback', gate.host, '--json');
  world.token = JSON.parse(made).token;
  const { page } = await world.open();
  const app = new App(page);
  await world.fire({
    text: 'Somebody is at the gate.',
    actions: [
      { kind: 'http', label: 'Open the gate', url: `http://${gate.host}/open` },
      { label: 'Camera', url: 'https://example.org/cam' },
    ],
  });
  await app.openConversation(/Inbox/);
  const button = app.reply('at the gate').getByRole('button', { name: 'Open the gate' });
  await button.click();
  await app.reply('at the gate').locator('button[data-state=done]').waitFor();
  assert.deepEqual(gate.calls, ['POST /open']);
  gate.status = 500;
  await button.click();
  await app.reply('at the gate').getByText('It answered 500 Internal Server Error.').waitFor();
  const link = app.reply('at the gate').getByRole('link', { name: 'Camera' });
  assert.equal(await link.getAttribute('href'), 'https://example.org/cam');
});

promise('what a script has set for later is seen in its thread, and can be cancelled there', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  await world.fire('The wash is done.');
  await app.openConversation(/Inbox/);
  await world.fire({ text: 'Take the pills', at: '2h' });
  await world.fire({ text: 'In a moment', at: '3s' });
  const later = page.getByRole('region', { name: 'Later' });
  await later.getByText('Take the pills').waitFor();
  await app.reply('In a moment').waitFor();
  await later.getByText('In a moment').waitFor({ state: 'detached' });
  await later.getByRole('button', { name: 'Cancel: Take the pills' }).click();
  await later.waitFor({ state: 'detached' });
});

const devices = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};
for (const [device, options] of Object.entries(devices)) {
  promise(`questions, buttons and what is to come are without a fault of access on a ${device}`, async (t) => {
    const world = await startWorld(t, { model: true });
    const gate = await startGate(t);
    const made = await world.daemon.hark('token', 'create', 'home', '--callback', gate.host, '--json');
    world.token = JSON.parse(made).token;
    const context = await world.browser(options);
    await withAxe(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(world.url);
    const app = new App(page);
    const answered = await world.fire({ title: 'Water the plants?', text: 'The soil is dry.', ask: ['Yes', 'No'] });
    const cookie = await context.request.post(`${world.url}/api/messages/${answered.message}/answer`, {
      data: { answer: 'Yes' },
    });
    assert.ok(cookie.ok());
    await world.fire({ text: 'Still awake?', ask: { choices: ['Yes'], timeout: '1s', default: 'Yes' } });
    await world.fire({ text: 'New post: Ten ways to cook rice. https://example.org/rice', run: true });
    (await world.model.next()).finish('A food blog has ten recipes for rice; nothing that needs you.');
    await world.fire({
      title: 'Somebody is at the gate',
      text: 'Seen by the camera at 18:04.',
      priority: 5,
      ask: { choices: ['Let in', 'Send away', 'Call me'], text: true, timeout: '10m', default: 'Send away' },
      actions: [
        { kind: 'http', label: 'Open the gate', url: `http://${gate.host}/open` },
        { kind: 'http', label: 'Light', url: `http://${gate.host}/light` },
        { label: 'Camera', url: 'https://example.org/cam' },
      ],
    });
    await world.fire({ title: 'Pills', text: 'The blue ones', at: '2h' });
    await world.fire({
      text: 'Take the parcel along to the post office before it closes, please',
      at: 'tomorrow at 9',
    });
    await app.openConversation(/Inbox/);
    const last = app.reply('Seen by the camera');
    await last.getByRole('button', { name: 'Open the gate' }).click();
    await last.locator('button[data-state=done]').waitFor();
    gate.status = 500;
    await last.getByRole('button', { name: 'Light' }).click();
    await last.getByText('It answered 500').waitFor();
    await page.getByRole('region', { name: 'Later' }).getByText('Take the parcel').waitFor();
    await app.reply('taken as').waitFor();

    mkdirSync(artefacts, { recursive: true });
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await complaints(page), [], colorScheme);
      await page.screenshot({ path: `${artefacts}${device}-asks-${colorScheme}.png` });
      await app.thread.evaluate((e) => (e.scrollTop = 0));
      await page.screenshot({ path: `${artefacts}${device}-asks-top-${colorScheme}.png` });
      assert.deepEqual(await complaints(page), [], `${colorScheme}, above`);
      await app.thread.evaluate((e) => (e.scrollTop = e.scrollHeight));
    }
  });
}
