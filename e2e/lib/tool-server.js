// A server of tools that speaks MCP over its standard streams. `slow` reads, and `press` changes something; both
// take as long as there is no file `release` in the server's folder, which is its first argument.
// What happens to it is written into `log`, a line each.
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = process.argv[2] ?? '.';
const log = (/** @type {string} */ line) => appendFileSync(join(folder, 'log'), `${line}\n`);
const send = (/** @type {object} */ message) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const text = (/** @type {string} */ words) => ({ content: [{ type: 'text', text: words }] });
const empty = { type: 'object', properties: {} };

/** @type {Map<unknown, NodeJS.Timeout>} */
const waiting = new Map();

/**
 * Answers a call when there is the file.
 * @param {unknown} id
 * @param {string} words
 */
function later(id, words) {
  const timer = setInterval(() => {
    if (!existsSync(join(folder, 'release'))) return;
    clearInterval(timer);
    waiting.delete(id);
    send({ id, result: text(words) });
  }, 50);
  waiting.set(id, timer);
}

/** @type {Record<string, (id: unknown, params: any) => void>} */
const methods = {
  initialize: (id, params) =>
    send({
      id,
      result: {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'e2e', version: '1' },
      },
    }),
  ping: (id) => send({ id, result: {} }),
  'tools/list': (id) =>
    send({
      id,
      result: {
        tools: [
          { name: 'slow', description: 'Takes its time.', inputSchema: empty, annotations: { readOnlyHint: true } },
          { name: 'press', description: 'Presses the button.', inputSchema: empty },
        ],
      },
    }),
  'tools/call': (id, params) => {
    log(params.name);
    later(id, params.name === 'slow' ? 'It was worth the wait.' : 'Pressed.');
  },
  'notifications/cancelled': (_, params) => {
    log('cancelled');
    clearInterval(waiting.get(params.requestId));
    waiting.delete(params.requestId);
  },
};

log(`pid ${process.pid}`);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (method in methods) methods[method]?.(id, params ?? {});
    else if (id !== undefined) send({ id, error: { code: -32601, message: 'no such method' } });
  })
  .on('close', () => process.exit(0));
