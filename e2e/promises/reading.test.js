import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { pause } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('the view never moves under the reader, and follows whoever is at the end', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page } = await world.open();
  const app = new App(page);
  for (let n = 0; n < 40; n++) await world.fire(`Message ${n}\n\nwith a second paragraph that makes it taller`);
  await app.list.getByText('Message 39').waitFor();
  await app.openConversation(/Inbox/);
  await app.reply(/Message 0\D/).waitFor(); // a thread opens where the reading stopped
  await app.jump.click();
  await app.reply('Message 39').waitFor();
  await app.send('A long one, please');
  const call = await world.model.next();
  const grow = async (/** @type {string} */ word) => {
    for (let n = 0; n < 12; n++) {
      call.say(`${word} ${n}\n\n`);
      await pause(40);
    }
    await pause(200);
  };
  const distance = () => app.thread.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);

  await grow('followed');
  assert.ok((await distance()) < 60, `at the end the view follows (${await distance()} px away)`);

  await app.thread.hover();
  await page.mouse.wheel(0, -900);
  await app.jump.waitFor();
  await pause(300);
  const place = () =>
    app.thread.evaluate((log) => {
      const top = log.getBoundingClientRect().top;
      const row = [...log.querySelectorAll('article')].find((a) => a.getBoundingClientRect().bottom > top + 50);
      return [row?.getAttribute('data-message'), Math.round(row?.getBoundingClientRect().top ?? 0)];
    });
  const before = await place();
  await grow('unseen');
  await world.fire('and a fire on top');
  await pause(300);
  const after = await place();
  assert.equal(after[0], before[0]);
  assert.ok(Math.abs(Number(after[1]) - Number(before[1])) < 3, `moved from ${before} to ${after}`);

  call.finish('the end');
  await app.jump.click();
  await app.reply('and a fire on top').waitFor();
  await app.jump.waitFor({ state: 'detached' });
  assert.ok((await distance()) < 60);
});

promise('earlier messages come in above without a jump, and a long thread keeps few nodes', async (t) => {
  const world = await startWorld(t);
  for (let n = 0; n < 150; n++) await world.fire(`Message number ${n}`);
  const { page } = await world.open();
  const app = new App(page);
  await app.openConversation(/Inbox/);
  await app.jump.click();
  await app.reply('Message number 149').waitFor();
  await app.thread.hover();
  for (let n = 0; n < 60 && !(await app.reply(/Message number 0$|Message number 0\D/).count()); n++) {
    await page.mouse.wheel(0, -1500);
    await pause(60);
  }
  await app.reply(/Message number 0\D/).waitFor();
  const nodes = await app.thread.evaluate((log) => log.querySelectorAll('*').length);
  t.diagnostic(`elements in a thread of 150: ${nodes}`);
  assert.ok(nodes < 1500, `${nodes} elements`);
});
