import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GotifyClient } from 'gotify-client';
import { MessagePriority, publish } from 'ntfy';
import { startDaemon } from '../lib/daemon.js';
import { promise } from '../lib/evidence.js';
import { folder } from '../lib/folder.js';
import { arrived, program, shoutrrr } from '../lib/senders.js';

/** @param {import('node:test').TestContext} t */
async function home(t) {
  const daemon = await startDaemon(t);
  const token = await daemon.token('fire');
  return { daemon, token, host: new URL(daemon.url).host };
}

promise('curl and wget speak as they do to ntfy', async (t) => {
  const { daemon, token } = await home(t);
  await program('curl', ['-sS', '--fail', '-d', 'Backup=done & checked', '-u', `:${token}`, `${daemon.url}/backups`]);
  const headers = [
    `Authorization: Bearer ${token}`,
    'Title: Dörfler',
    'Priority: urgent',
    'Actions: view, Open, https://home.example/',
  ];
  await program('curl', [
    '-sS',
    '--fail',
    '-d',
    'with headers',
    ...headers.flatMap((h) => ['-H', h]),
    `${daemon.url}/backups`,
  ]);
  await program('wget', [
    '-q',
    '-O-',
    '--post-data=by wget',
    `--header=Authorization: Bearer ${token}`,
    `${daemon.url}/backups`,
  ]);
  await program('wget', [
    '-q',
    '-O-',
    '--user=home',
    `--password=${token}`,
    '--post-data=asked first',
    `${daemon.url}/backups`,
  ]);
  const all = await arrived(daemon);
  assert.deepEqual(
    all.map((m) => `${m.topic}: ${m.text}`),
    ['backups: Backup=done & checked', 'backups: with headers', 'backups: by wget', 'backups: asked first'],
  );
  assert.deepEqual([all[1].title, all[1].priority, all[1].actions[0].url], ['Dörfler', 5, 'https://home.example/']);
});

promise('Apprise speaks by ntfy://, gotify:// and json://, with and without a file', async (t) => {
  const { daemon, token, host } = await home(t);
  const file = join(folder(t, 'files'), 'door.txt');
  writeFileSync(file, 'a picture, say');
  const say = (/** @type {string[]} */ ...args) => program('apprise', ['-vv', ...args]);
  await say('-t', 'Front door', '-b', 'by ntfy', `ntfy://home:${token}@${host}/cameras?priority=high&tags=bell`);
  await say('-t', 'Front door', '-b', 'by gotify', `gotify://${host}/${token}?priority=high`);
  await say('-t', 'Front door', '-b', 'by json', '-n', 'failure', `json://home:${token}@${host}/cameras`);
  await say('-t', 'Front door', '-b', 'with a file', '-a', file, `ntfy://home:${token}@${host}/cameras`);
  const all = await arrived(daemon);
  assert.deepEqual(
    all.map((m) => [m.topic, m.title, m.text, m.priority]),
    [
      ['cameras', 'Front door', 'by ntfy', 4],
      ['Inbox', 'Front door', 'by gotify', 4],
      ['cameras', 'Front door', 'by json', 4],
      ['cameras', 'Front door', 'with a file', undefined],
    ],
  );
  assert.deepEqual(all[0].tags, ['bell']);
  await assert.rejects(
    say('-b', 'x', `ntfy://home:wrong@${host}/cameras`),
    'a wrong token is a failure that Apprise tells',
  );
});

promise('shoutrrr speaks by ntfy:// and by a generic webhook', async (t) => {
  const { daemon, token, host } = await home(t);
  await shoutrrr(
    `ntfy://home:${token}@${host}/containers?scheme=http&title=Watchtower&priority=high&tags=whale`,
    'Updated sonarr',
  );
  await shoutrrr(
    `generic://${host}/containers?disabletls=yes&template=json&@Authorization=Bearer+${token}`,
    'by webhook',
  );
  const all = await arrived(daemon);
  assert.deepEqual(
    all.map((m) => [m.topic, m.title, m.text, m.priority]),
    [
      ['containers', 'Watchtower', 'Updated sonarr', 4],
      ['containers', undefined, 'by webhook', undefined],
    ],
  );
});

promise("npm's client libraries of ntfy and Gotify are understood", async (t) => {
  const { daemon, token } = await home(t);
  const said = await publish({
    server: daemon.url,
    authorization: token,
    topic: 'lib',
    message: 'by ntfy',
    title: 'Tür',
    priority: MessagePriority.HIGH,
    tags: ['tada'],
    actions: [{ type: 'view', label: 'Open', url: 'https://home.example/', clear: true }],
  });
  const made = await new GotifyClient(daemon.url, { app: token }).message.createMessage({
    message: '**by gotify**',
    title: 'Lib',
    priority: 8,
    extras: { 'client::display': { contentType: 'text/markdown' } },
  });
  assert.match(said.id, /^[0-9A-Z]{26}$/);
  assert.ok(made.id > 0 && made.appid === 1);
  const [first, second] = await arrived(daemon);
  assert.deepEqual([first.topic, first.title, first.text, first.priority], ['lib', 'Tür', 'by ntfy', 4]);
  assert.equal(first.actions[0].label, 'Open');
  assert.deepEqual(
    [second.topic, second.text, second.priority, second.format],
    ['Inbox', '**by gotify**', 4, undefined],
  );
});
