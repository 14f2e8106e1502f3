import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { startWorld } from '../lib/world.js';

promise(
  'the daemon is killed in the middle of a reply: the page recovers by itself and offers to try again',
  async (t) => {
    const world = await startWorld(t, { model: true });
    const { page, context } = await world.open();
    const app = new App(page);
    let loads = 0;
    page.on('load', () => loads++);
    await app.send('Write a poem');
    const conversation = await app.conversation();
    const first = await world.model.next();
    first.say('Roses are red, ');
    await app.reply('Roses are red').waitFor();

    await world.daemon.kill();
    await world.daemon.start();
    const back = Date.now();
    const again = app.replies.last().locator('.error').getByRole('button', { name: 'Try again' });
    await again.waitFor({ timeout: 30_000 });
    t.diagnostic(`daemon back to offer on the screen: ${Date.now() - back} ms`);
    assert.equal(loads, 0, 'the page must not have been reloaded');
    assert.equal(await page.locator('article[data-status=streaming]').count(), 0);

    await again.click();
    const second = await world.model.next();
    assert.match(second.prompt, /Write a poem/);
    second.finish('Violets are blue.');
    await app.reply('Violets are blue.').waitFor();
    await app.shows(['You: Write a poem', 'Hark: Violets are blue.']);
    assert.equal((await world.messages(context, conversation)).length, 2);
  },
);

promise('a message that was sent while the daemon was down goes out once when it is back', async (t) => {
  const world = await startWorld(t, { model: true });
  world.model.auto = (call) => call.finish('Here I am.');
  const { page, context } = await world.open();
  const app = new App(page);
  await app.send('Hello');
  await app.reply('Here I am.').waitFor();
  const conversation = await app.conversation();
  await world.daemon.kill();
  await app.send('Are you there?');
  await world.daemon.start();
  await app.reply('Here I am.').nth(1).waitFor({ timeout: 30_000 });
  const texts = (await world.messages(context, conversation)).filter((m) => m.role === 'user').map((m) => m.text);
  assert.deepEqual(texts, ['Hello', 'Are you there?']);
});
