import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after } from './after.js';

const run = promisify(execFile);
const vendor = fileURLToPath(new URL('../node_modules/@modelcontextprotocol/', import.meta.url));

/**
 * Calls a server with the MCP project's own inspector and returns the result of the method.
 * @param {string[]} target an address with --header, or a command
 * @param {...string} args
 */
export async function inspect(target, ...args) {
  // It looks for its own package.json beside the folder it is run in.
  const cwd = `${vendor}inspector-cli/build`;
  const { stdout } = await run(process.execPath, ['index.js', ...target, ...args], { cwd, timeout: 60_000 });
  return JSON.parse(stdout);
}

/**
 * Runs all of the MCP project's conformance scenarios for servers, and returns which failed and which passed.
 * @param {string} url
 * @param {string} folder for its records
 */
export async function conformance(url, folder) {
  const args = [`${vendor}conformance/dist/index.js`, 'server', '--url', url, '--suite', 'all', '-o', folder];
  const { stdout } = await run(process.execPath, args, { timeout: 120_000, maxBuffer: 1 << 26 }).catch((e) => e);
  const verdicts = [...String(stdout).matchAll(/^([✓✗]) (\S+): \d+ passed, \d+ failed$/gm)];
  const of = (/** @type {string} */ mark) => verdicts.filter((v) => v[1] === mark).map((v) => v[2]);
  return { passed: of('✓'), failed: of('✗'), stdout: String(stdout) };
}

/**
 * An address that adds a token to each request: the conformance suite can't send one. All else passes as it is.
 * @param {import('node:test').TestContext} t
 * @param {string} url
 * @param {string} token
 */
export async function withToken(t, url, token) {
  const server = createServer((near, answer) => {
    const { hostname, port } = new URL(url);
    const headers = { ...near.headers, authorization: `Bearer ${token}` };
    const far = request({ hostname, port, path: near.url, method: near.method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    far.on('error', () => answer.destroy());
    near.pipe(far);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(t, () => server.close());
  return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
}

const fixture = 'it calls a tool of the suite’s own example server, which no other server has';
const noPrompts = 'Hark offers no prompts';
const noResources = 'Hark offers no resources';

/** The scenarios of the conformance suite that don't apply to Hark, each with its reason. */
export const doesNotApply = {
  'completion-complete': 'Hark offers no prompts or resources whose arguments could be completed',
  'tools-call-simple-text': fixture,
  'tools-call-image': fixture,
  'tools-call-audio': fixture,
  'tools-call-embedded-resource': fixture,
  'tools-call-mixed-content': fixture,
  'tools-call-with-logging': fixture,
  'tools-call-error': fixture,
  'tools-call-with-progress': fixture,
  'tools-call-sampling': fixture,
  'tools-call-elicitation': fixture,
  'json-schema-2020-12': fixture,
  'elicitation-sep1034-defaults': fixture,
  'elicitation-sep1330-enums': fixture,
  'resources-read-text': noResources,
  'resources-read-binary': noResources,
  'resources-templates-read': noResources,
  'resources-subscribe': noResources,
  'resources-unsubscribe': noResources,
  'prompts-get-simple': noPrompts,
  'prompts-get-with-args': noPrompts,
  'prompts-get-embedded-resource': noPrompts,
  'prompts-get-with-image': noPrompts,
};
