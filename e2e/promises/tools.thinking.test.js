import assert from 'node:assert/strict';
import { App, seconds } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('while the model thinks a clock runs, through a reload; then it says for how long', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page } = await world.open();
  const app = new App(page);
  await app.send('What is best?');
  const call = await world.model.next();
  call.think('The owner asks what is best.');
  const reply = app.replies.last();
  const clock = reply.getByRole('timer');
  await until('the clock to have run for three seconds', async () => (await seconds(clock)) >= 3);
  const before = await seconds(clock);
  await page.reload();
  await clock.waitFor();
  const after = await seconds(clock);
  assert.ok(after >= before, `the clock went from ${before} to ${after} seconds`);
  await reply.getByRole('group').filter({ hasText: 'Thinking' }).locator('summary').click();
  await reply.getByText('The owner asks what is best.').waitFor();
  call.finish('Bread.');
  await app.reply('Bread.').waitFor();
  const words = reply.getByText(/^Thought for \d+ s$/);
  await words.waitFor();

  await world.daemon.kill();
  await world.daemon.start();
  await page.reload();
  await words.waitFor();
  const took = Number(/\d+/.exec((await words.textContent()) ?? '')?.[0]);
  assert.ok(took >= after && took < 60, `thought for ${took} seconds, seen ${after}`);
  assert.equal(await reply.getByText('The owner asks').isVisible(), false, 'it is folded');
});
