import assert from 'node:assert/strict';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { folder } from '../lib/folder.js';
import { processesWith, publicServer, serversReady, startHttpServer, useServers } from '../lib/tools.js';
import { until } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

const long = { duration: 60, steps: 60 };

promise(
  'a server that people use answers over HTTP, is lost in the middle of a call, and is found again',
  async (t) => {
    const world = await startWorld(t, { model: true });
    const http = await startHttpServer(t);
    await useServers(world.daemon, { demo: { url: http.url } });
    const { page } = await world.open();
    const app = new App(page);
    const card = () => app.replies.last().locator('[data-step]').last();

    await app.send('Say it');
    (await world.model.next()).use(['demo__echo', { message: 'over the wire' }]);
    const told = await world.model.next();
    assert.match(told.results.join(), /Echo: over the wire/);
    told.finish('Said.');
    await app.reply('Said.').waitFor();

    await app.send('Take a minute');
    const before = http.log.split('POST').length;
    (await world.model.next()).use(['demo__trigger-long-running-operation', long]);
    await card().getByRole('timer').waitFor();
    await until('the call to be there', () => http.log.split('POST').length > before);
    await http.kill();
    const lost = await world.model.next();
    assert.match(lost.results.join(), /went away/);
    lost.finish('It is gone.');
    await app.reply('It is gone.').waitFor();
    assert.equal(await card().getAttribute('data-status'), 'error');

    await http.start();
    await serversReady(world.daemon);
    await app.send('Once more');
    (await world.model.next()).use(['demo__echo', { message: 'back' }]);
    const again = await world.model.next();
    assert.match(again.results.join(), /Echo: back/);
    again.finish('There.');
    await app.reply('There.').waitFor();
  },
);

promise('over HTTP, a call that only reads is made again when Hark was killed in the middle of it', async (t) => {
  const world = await startWorld(t, { model: true });
  const http = await startHttpServer(t);
  await useServers(world.daemon, { demo: { url: http.url } });
  const { page } = await world.open();
  const app = new App(page);
  await app.send('Take your time');
  (await world.model.next()).use(['demo__trigger-long-running-operation', { duration: 4, steps: 4 }]);
  await app.replies.last().getByRole('timer').waitFor();
  await world.daemon.kill();
  await world.daemon.start();
  const after = await world.model.next();
  assert.match(after.results.join(), /Long running operation completed/);
  after.finish('Done at last.');
  await app.reply('Done at last.').waitFor();
  assert.equal(world.model.calls.length, 2, 'the first answer is not paid for twice');
});

promise(
  'servers that people use run as programs: a file is written when allowed, and none outlives Hark',
  async (t) => {
    const world = await startWorld(t, { model: true });
    const dir = realpathSync(folder(t, 'files'));
    await useServers(world.daemon, {
      files: { command: process.execPath, args: [publicServer('filesystem'), dir] },
      demo: { command: process.execPath, args: [publicServer('everything'), 'stdio', dir] },
    });
    const { page } = await world.open();
    const app = new App(page);
    await app.send('Write it down');
    (await world.model.next()).use(['files__write_file', { path: join(dir, 'note.txt'), content: 'milk' }]);
    await page.getByRole('button', { name: 'Allow once' }).click();
    const told = await world.model.next();
    assert.equal(readFileSync(join(dir, 'note.txt'), 'utf8'), 'milk');
    told.finish('Written.');
    await app.reply('Written.').waitFor();

    await app.send('Take a minute');
    (await world.model.next()).use(['demo__trigger-long-running-operation', long]);
    await app.replies.last().getByRole('timer').waitFor();
    assert.equal((await processesWith(dir)).length, 2);
    await world.daemon.kill();
    await until('both servers to be gone', async () => !(await processesWith(dir)).length);
  },
);
