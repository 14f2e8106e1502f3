import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { pause, until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('stop stops: the model is hung up on, and the text so far stays', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page, context } = await world.open();
  const app = new App(page);
  await app.send('Go on for ever');
  const call = await world.model.next();
  call.say('And on and on');
  await app.reply('And on and on').waitFor();
  await app.stopButton.click();
  await until('the model to see the line closed', () => call.cancelled, { within: 1000 });
  await app.reply('And on and on').getByText('Stopped').waitFor();
  const reply = (await world.messages(context, await app.conversation())).at(-1);
  assert.deepEqual([reply.status, reply.reason, reply.text], ['done', 'stopped', 'And on and on']);
});

promise('a second message waits its turn, in sight, and can be taken back', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page, context } = await world.open();
  const app = new App(page);
  await app.send('first');
  const one = await world.model.next();
  one.say('working');
  await app.reply('working').waitFor();
  await app.send('second');
  await app.replies.filter({ hasText: 'Waiting for its turn' }).waitFor();
  await app.send('third');
  await app.replies.filter({ hasText: 'Waiting for its turn' }).nth(1).waitFor();
  await app.replies
    .filter({ hasText: 'Waiting for its turn' })
    .last()
    .getByRole('button', { name: 'Do not answer' })
    .click();
  await until('one of the two to be gone', async () => (await app.reply('Waiting for its turn').count()) === 1);
  await pause(200);
  assert.equal(world.model.calls.length, 1, 'the second turn must not have begun');

  one.finish(' and done');
  const two = await world.model.next();
  assert.match(two.prompt, /second/);
  two.finish('answer two');
  await app.reply('answer two').waitFor();
  await pause(300);
  assert.equal(world.model.calls.length, 2, 'what was taken back is not answered');
  const messages = await world.messages(context, await app.conversation());
  const replies = messages.filter((m) => m.role === 'assistant').map((m) => m.text);
  assert.deepEqual(replies, ['working and done', 'answer two']);
});

promise('a model that fails says so in words, and trying again works', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page } = await world.open();
  const app = new App(page);
  await app.send('Please');
  const call = await world.model.next();
  call.say('Half an ans');
  await app.reply('Half an ans').waitFor();
  call.cut();
  const again = app.replies.last().locator('.error').getByRole('button', { name: 'Try again' });
  await again.waitFor();
  assert.match((await app.replies.last().textContent()) ?? '', /Half an ans/);
  await again.click();
  (await world.model.next()).finish('A whole answer');
  await app.reply('A whole answer').waitFor();
  await app.shows(['You: Please', 'Hark: A whole answer']);
});
