import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('two tabs share one stream, a second browser keeps in step, and a closed tab hands the line on', async (t) => {
  const world = await startWorld(t, { model: true });
  const one = await world.browser();
  /** @type {Set<import('playwright-core').Request>} */
  const requests = new Set();
  one.on('request', (r) => r.url().includes('/api/assistant/stream') && requests.add(r));
  one.on('requestfinished', (r) => requests.delete(r));
  one.on('requestfailed', (r) => requests.delete(r));
  const streams = () => [...requests].filter((r) => !r.frame().page().isClosed()).length;

  const first = await one.newPage();
  await first.goto(world.url);
  await until('the first tab to have the line', () => streams() === 1);
  const second = await one.newPage();
  await second.goto(world.url);
  const { page: third } = await world.open();
  const apps = [first, second, third].map((page) => new App(page));
  for (const app of apps) await app.composer.waitFor();

  await world.fire('for everyone');
  for (const app of apps) await app.openConversation(/Inbox/);
  for (const app of apps) await app.reply('for everyone').waitFor();
  assert.equal(streams(), 1, 'two tabs of one browser need one stream');

  await apps[1]?.send('from the second tab');
  const call = await world.model.next();
  call.say('Growing');
  for (const app of apps) await app.reply('Growing').waitFor();
  call.finish(' everywhere');
  for (const app of apps) await app.reply('Growing everywhere').waitFor();

  await first.close();
  await world.fire('after the first tab was closed');
  for (const app of apps.slice(1)) await app.reply('after the first tab was closed').waitFor();
  await until('one stream again', () => streams() === 1);
  const [a, b] = await Promise.all(apps.slice(1).map((app) => app.texts()));
  assert.deepEqual(a, b);
  assert.equal(a?.length, 4);
});
