import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { pause, until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('offline the thread opens, and what is typed goes out once when the line returns', async (t) => {
  const world = await startWorld(t, { model: true });
  world.model.auto = (call) => call.finish(`Answer ${world.model.calls.length}.`);
  const { page, context } = await world.open();
  const app = new App(page);
  await app.send('first question');
  await app.reply('Answer 1.').waitFor();
  const conversation = await app.conversation();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until('the worker to hold the page', () => page.evaluate(() => navigator.serviceWorker.controller !== null));

  await pause(500); // records are stored a quarter of a second after they came
  world.proxy.refuse();
  await context.setOffline(true);
  await page.reload();
  await app.reply('Answer 1.').waitFor();
  await app.send('asked in the tunnel');
  await app.mine
    .filter({ hasText: 'asked in the tunnel' })
    .getByText('Will be sent when you are back online')
    .waitFor();
  await page.reload();
  await app.mine.filter({ hasText: 'asked in the tunnel' }).waitFor();
  assert.equal(world.model.calls.length, 1);

  world.proxy.pass();
  await context.setOffline(false);
  await app.reply('Answer 2.').waitFor({ timeout: 40_000 });
  await app.shows(['You: first question', 'Hark: Answer 1.', 'You: asked in the tunnel', 'Hark: Answer 2.']);
  assert.equal((await world.messages(context, conversation)).length, 4);
});

promise('a chat that was begun offline becomes a real one when the line returns', async (t) => {
  const world = await startWorld(t, { model: true });
  world.model.auto = (call) => call.finish('Here.');
  const { page, context } = await world.open();
  const app = new App(page);
  await app.composer.waitFor();
  await until('the worker to hold the page', () => page.evaluate(() => navigator.serviceWorker.controller !== null));
  world.proxy.refuse();
  await context.setOffline(true);
  await app.send('begun in the tunnel');
  await app.send('and a second line');
  world.proxy.pass();
  await context.setOffline(false);
  await app.reply('Here.').nth(1).waitFor({ timeout: 40_000 });
  const messages = await world.messages(context, await app.conversation());
  assert.deepEqual(
    messages.filter((m) => m.role === 'user').map((m) => m.text),
    ['begun in the tunnel', 'and a second line'],
  );
});

promise('an answer of the daemon that was lost on the way does not send the message twice', async (t) => {
  const world = await startWorld(t, { model: true });
  world.model.auto = (call) => call.finish('Got it.');
  const { page, context } = await world.open();
  const app = new App(page);
  await app.send('hello');
  await app.reply('Got it.').waitFor();
  const conversation = await app.conversation();

  let lost = 0;
  await page.route('**/api/assistant/chat', async (route) => {
    if (lost++) return route.continue();
    await route.fetch(); // the daemon has it, the page never hears
    await route.abort('connectionreset');
  });
  await app.send('only once');
  await app.reply('Got it.').nth(1).waitFor({ timeout: 40_000 });
  await until('the message to leave the outbox', async () => lost > 1);
  const texts = (await world.messages(context, conversation)).map((m) => m.text);
  assert.deepEqual(texts, ['hello', 'Got it.', 'only once', 'Got it.']);
  assert.equal(await app.mine.filter({ hasText: 'only once' }).count(), 1);
});
