import assert from 'node:assert/strict';
import { startDaemon } from '../lib/daemon.js';
import { promise } from '../lib/evidence.js';
import { folder } from '../lib/folder.js';
import { conformance, doesNotApply, inspect, withToken } from '../lib/mcp.js';
import { arrived } from '../lib/senders.js';
import { until } from '../lib/until.js';

/** @typedef {{tools: {name: string}[], content: {text: string}[], isError?: boolean}} Result */

promise('the inspector finds and uses the tools, by address and as a child', async (t) => {
  const daemon = await startDaemon(t);
  const token = await daemon.token('fire');
  const byAddress = [`${daemon.url}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];
  const asChild = [daemon.binary, 'mcp', '--data', daemon.data];
  const names = async (/** @type {string[]} */ target) =>
    /** @type {Result} */ (await inspect(target, '--method', 'tools/list')).tools.map((tool) => tool.name).sort();
  assert.deepEqual(await names(byAddress), ['ask', 'fire']);
  assert.deepEqual(await names(asChild), ['ask', 'fire', 'list_reminders', 'remind', 'search']);

  for (const [target, text] of /** @type {[string[], string][]} */ ([
    [byAddress, 'by address'],
    [asChild, 'as a child'],
  ])) {
    const call = ['--method', 'tools/call', '--tool-name', 'fire', '--tool-arg', `text=${text}`];
    const said = /** @type {Result} */ (await inspect(target, ...call));
    assert.match(said.content[0].text, /^Delivered, as \w{26}\.$/);
  }
  assert.deepEqual(
    (await arrived(daemon)).map((m) => m.text),
    ['by address', 'as a child'],
  );
});

promise('a model asks, Hark is killed and comes back, the owner answers, and the model goes on', async (t) => {
  const daemon = await startDaemon(t);
  const call = ['--method', 'tools/call', '--tool-name', 'ask', '--tool-arg', 'text=Deploy?'];
  const asked = inspect([daemon.binary, 'mcp', '--data', daemon.data], ...call);
  const question = await until('the question', async () => (await arrived(daemon)).find((m) => m.text === 'Deploy?'));
  await daemon.kill();
  await daemon.start();
  await daemon.hark('answer', question.id, 'no');
  assert.equal(/** @type {Result} */ (await asked).content[0].text, 'No');
});

promise('the MCP project’s conformance suite finds nothing wrong in what applies', async (t) => {
  const daemon = await startDaemon(t);
  const url = await withToken(t, daemon.url, await daemon.token('admin'));
  const { passed, failed, stdout } = await conformance(`${url}/mcp`, folder(t, 'conformance'));
  assert.deepEqual(failed.toSorted(), Object.keys(doesNotApply).toSorted(), stdout);
  for (const scenario of ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'])
    assert.ok(passed.includes(scenario), `${scenario} was not run:\n${stdout}`);
});
