import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { startWorld } from '../lib/world.js';

promise('a reply is seen growing while the model writes it', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page } = await world.open();
  const app = new App(page);
  await app.send('Tell me a story');
  const call = await world.model.next();
  assert.equal(call.authorization, 'Bearer e2e-key');
  assert.match(call.prompt, /Tell me a story/);

  call.say('Once upon a **time**');
  await app.reply('Once upon a time').waitFor();
  call.say('\n\nthere was\n\n```js\nlet x = 1;\n');
  await app.reply('there was').locator('code', { hasText: 'let x = 1;' }).waitFor();
  const reply = app.replies.last();
  assert.equal(await reply.getAttribute('data-status'), 'streaming');
  const block = await reply.locator('pre').elementHandle();

  call.say('let y = 2;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n');
  await reply.getByRole('cell', { name: '2' }).waitFor();
  assert.equal(await block?.evaluate((pre) => pre.isConnected), true, 'a block that is there is not drawn again');
  call.finish('\nThe end.');
  await page.locator('article[data-status=done][aria-label=Hark]', { hasText: 'The end.' }).waitFor();
  assert.equal(await app.replies.count(), 1);
});

promise('reloading in the middle of a reply shows the text so far and then the rest', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page } = await world.open();
  const app = new App(page);
  await app.send('Count');
  const call = await world.model.next();
  call.say('one two');
  await app.reply('one two').waitFor();
  await page.reload();
  await app.reply('one two').waitFor();
  call.finish(' three');
  await app.reply('one two three').waitFor();
  await app.shows(['You: Count', 'Hark: one two three']);
});

promise('fifty pieces a second make no long task', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page } = await world.open();
  const app = new App(page);
  await app.send('Write a lot');
  const call = await world.model.next();
  call.say('Here it comes. ');
  await app.reply('Here it comes').waitFor();
  await page.evaluate(() => {
    const w = /** @type {any} */ (window);
    w.longTasks = [];
    new PerformanceObserver((l) => w.longTasks.push(...l.getEntries().map((e) => Math.round(e.duration)))).observe({
      type: 'longtask',
    });
  });
  for (let n = 0; n < 150; n++) {
    call.say(n % 15 === 14 ? '\n\n- item\n- `code`\n\n' : `word${n} and **more** words `);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  call.finish('finished');
  await app.reply('finished').waitFor();
  const tasks = await page.evaluate(() => /** @type {any} */ (window).longTasks);
  t.diagnostic(`long tasks in 3 s of streaming: ${JSON.stringify(tasks)} ms`);
  // Another process on a busy machine can stretch one task; a renderer that can't keep up stretches dozens.
  assert.ok(tasks.length <= 3, `${tasks.length} long tasks`);
});
