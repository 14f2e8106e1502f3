import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { pause } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise(
  'a phone that slept through a reply sees it once, whole, and what was fired meanwhile once, in order',
  async (t) => {
    const world = await startWorld(t, { model: true });
    const { page, context } = await world.open({
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    });
    const app = new App(page);
    await page.getByRole('button', { name: 'New chat' }).click();
    await app.send('What is the weather?');
    const conversation = await app.conversation();
    const call = await world.model.next();
    call.say('Rain ');
    await app.reply('Rain').waitFor();

    world.proxy.blackhole();
    call.say('in the morning, ');
    for (const n of [1, 2, 3]) await world.fire({ text: `while you slept ${n}`, conversation });
    call.finish('sun later.');
    await pause(500);
    assert.equal(await app.reply('sun later').count(), 0, 'nothing can have come through');

    world.proxy.pass();
    world.proxy.reset();
    const woke = Date.now();
    await app.reply('Rain in the morning, sun later.').waitFor();
    t.diagnostic(`line reset to true screen: ${Date.now() - woke} ms`);
    await app.reply('while you slept 3').waitFor();
    await app.shows([
      'You: What is the weather?',
      'Hark: Rain in the morning, sun later.',
      'Hark: while you slept 1',
      'Hark: while you slept 2',
      'Hark: while you slept 3',
    ]);
    assert.equal((await world.messages(context, conversation)).length, 5);
  },
);

promise('a line that went dead without a word is replaced when the page comes to the front again', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  await world.fire('before');
  await app.openConversation(/Inbox/);
  await app.reply('before').waitFor();
  world.proxy.blackhole();
  await world.fire('during');
  world.proxy.pass(); // new connections work; the open one stays dead and nobody says so
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  const woke = Date.now();
  await app.reply('during').waitFor({ timeout: 60_000 });
  t.diagnostic(`dead line to true screen: ${Date.now() - woke} ms`);
  await app.shows(['Hark: before', 'Hark: during']);
});
