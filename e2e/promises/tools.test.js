import assert from 'node:assert/strict';
import { App, seconds } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { startTools } from '../lib/tools.js';
import { pause, until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

/**
 * The reminders that are set.
 * @param {import('../lib/world.js').World} world
 * @param {import('playwright-core').BrowserContext} context
 */
async function reminders(world, context) {
  const answer = await context.request.get(`${world.daemon.url}/api/reminders`);
  return /** @type {any[]} */ ((await answer.json()).reminders);
}

promise('what a model wants to change is asked in the thread, and done when it is allowed', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page, context } = await world.open();
  const app = new App(page);
  await app.send('The plants need water in the morning');
  (await world.model.next()).use(['remind', { text: 'water the plants', when: 'tomorrow at 9' }]);
  const card = app.replies.last().locator('[data-step]');
  await card.getByText('Hark wants to set a reminder').waitFor();
  await card.getByText('water the plants').waitFor();
  assert.deepEqual(await reminders(world, context), [], 'nothing is done before it is allowed');
  assert.equal(world.model.calls.length, 1, 'the model waits too');

  await page.reload();
  await card.getByRole('button', { name: 'Allow once' }).click();
  const after = await world.model.next();
  assert.match(after.results.join(), /Set, as/);
  after.finish('I will remind you.');
  await app.reply('I will remind you.').waitFor();
  assert.equal(await card.getAttribute('data-status'), 'done');
  assert.deepEqual(
    (await reminders(world, context)).map((r) => r.text),
    ['water the plants'],
  );
});

promise('what is denied is not done, and the model is told', async (t) => {
  const world = await startWorld(t, { model: true });
  const tools = await startTools(t, world.daemon);
  const { page } = await world.open();
  const app = new App(page);
  await app.send('Press it');
  const call = await world.model.next();
  assert.ok(call.tools.includes('e2e__press'), call.tools.join());
  call.use(['e2e__press', {}]);
  await app.thread.getByText('Hark wants to use “press” of e2e').waitFor();
  await page.getByRole('button', { name: 'Deny' }).press('Enter');
  const after = await world.model.next();
  assert.match(after.results.join(), /did not allow/);
  after.finish('Then not.');
  await app.reply('Then not.').waitFor();
  assert.ok(!tools.log.includes('press'));
});

promise('a reload in the middle of a tool shows the same clock going on', async (t) => {
  const world = await startWorld(t, { model: true });
  const tools = await startTools(t, world.daemon);
  const { page } = await world.open();
  const app = new App(page);
  await app.send('Take your time');
  const call = await world.model.next();
  call.say('One moment.');
  call.use(['e2e__slow', {}]);
  const card = app.replies.last().locator('[data-step]');
  const clock = card.getByRole('timer');
  await until('the clock to have run for three seconds', async () => (await seconds(clock)) >= 3);
  const before = await seconds(clock);
  await page.reload();
  await clock.waitFor();
  const after = await seconds(clock);
  assert.ok(after >= before, `the clock went from ${before} to ${after} seconds`);
  tools.release();
  const next = await world.model.next();
  assert.match(next.results.join(), /It was worth the wait\./);
  next.finish('Here it is.');
  await app.reply('Here it is.').waitFor();
  assert.equal(await card.getAttribute('data-status'), 'done');
  assert.deepEqual(
    tools.log.filter((line) => line === 'slow'),
    ['slow'],
    'it was called once',
  );
});

promise('stop ends a tool that runs, and keeps what was said', async (t) => {
  const world = await startWorld(t, { model: true });
  const tools = await startTools(t, world.daemon);
  const { page, context } = await world.open();
  const app = new App(page);
  await app.send('Take your time');
  const call = await world.model.next();
  call.say('One moment.');
  call.use(['e2e__slow', {}]);
  await app.replies.last().getByRole('timer').waitFor();
  await until('the tool to have begun', () => tools.log.includes('slow'));
  await app.stopButton.click();
  await until('the tool to be ended', () => tools.log.includes('cancelled') || !tools.alive, { within: 2000 });
  await app.reply('One moment.').getByText('Stopped').waitFor();
  const reply = (await world.messages(context, await app.conversation())).at(-1);
  assert.deepEqual([reply.status, reply.reason, reply.text], ['done', 'stopped', 'One moment.']);
  await pause(300);
  assert.equal(world.model.calls.length, 1, 'the model is not asked again');
});

promise(
  'after a kill in the middle of a tool that changes something, the owner is asked what became of it',
  async (t) => {
    const world = await startWorld(t, { model: true });
    const tools = await startTools(t, world.daemon);
    const { page } = await world.open();
    const app = new App(page);
    await app.send('Press it');
    (await world.model.next()).use(['e2e__press', {}]);
    await page.getByRole('button', { name: 'Allow once' }).click();
    await until('the tool to have begun', () => tools.log.includes('press'));
    await world.daemon.kill();
    await world.daemon.start();
    await app.thread.getByText('Did this happen? Hark began to use “press” of e2e.').waitFor();
    await page.getByRole('button', { name: 'It was done' }).click();
    const after = await world.model.next();
    assert.match(after.results.join(), /took effect/);
    after.finish('Good.');
    await app.reply('Good.').waitFor();
    assert.deepEqual(
      tools.log.filter((line) => line === 'press'),
      ['press'],
      'it is not done twice',
    );
  },
);

promise('what was edited is answered anew, and the old version stays within reach', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page } = await world.open();
  const app = new App(page);
  await app.send('What is a cat?');
  (await world.model.next()).finish('A small animal.');
  await app.reply('A small animal.').waitFor();
  await app.mine.last().hover();
  await app.mine.last().getByRole('button', { name: 'Message options' }).click();
  await page.getByRole('menuitem', { name: 'Edit and send again' }).click();
  await page.getByRole('textbox', { name: 'Edit and send again' }).fill('What is a whale?');
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  const call = await world.model.next();
  assert.doesNotMatch(JSON.stringify(call.body.messages), /cat/);
  call.finish('A large animal.');
  await app.reply('A large animal.').waitFor();
  assert.deepEqual(await app.texts(), ['You: What is a whale?', 'Hark: A large animal.']);
  await page.getByRole('button', { name: 'Older version' }).click();
  await app.reply('A small animal.').waitFor();
  assert.deepEqual(await app.texts(), ['You: What is a cat?', 'Hark: A small animal.']);
});
