import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after } from './after.js';
import { folder } from './folder.js';
import { until } from './until.js';

const server = fileURLToPath(new URL('tool-server.js', import.meta.url));

/** A server of tools of its own, which the daemon runs as `e2e`. */
export class Tools {
  /** @param {string} dir */
  constructor(dir) {
    this.dir = dir;
  }

  /** What has happened at the server so far. */
  get log() {
    return readFileSync(join(this.dir, 'log'), 'utf8').trim().split('\n');
  }

  /** Lets the slow tool end. */
  release() {
    writeFileSync(join(this.dir, 'release'), '');
  }

  /** Has the tools wait again. Returns what tells what has happened since. */
  hold() {
    rmSync(join(this.dir, 'release'), { force: true });
    const before = this.log.length;
    return () => this.log.slice(before);
  }

  /** True while the server's last process runs. */
  get alive() {
    const pid = Number(this.log.findLast((line) => line.startsWith('pid '))?.slice(4));
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }
}

/**
 * Gives a running daemon a server of tools, and returns when its tools can be used.
 * @param {import('node:test').TestContext} t
 * @param {import('./daemon.js').Daemon} daemon
 */
export async function startTools(t, daemon) {
  const tools = new Tools(folder(t, 'tools'));
  await useServers(daemon, { e2e: { command: process.execPath, args: [server, tools.dir] } });
  return tools;
}

/**
 * Restarts a daemon with these servers of tools, and returns when all their tools can be used.
 * @param {import('./daemon.js').Daemon} daemon
 * @param {Record<string, {command?: string, args?: string[], url?: string}>} mcpServers
 */
export async function useServers(daemon, mcpServers) {
  await daemon.stop();
  writeFileSync(join(daemon.data, 'mcp.json'), JSON.stringify({ mcpServers }));
  await daemon.start();
  await serversReady(daemon);
}

/**
 * Returns when all tools of all servers can be used: a server that comes back is not found at once.
 * @param {import('./daemon.js').Daemon} daemon
 */
export async function serversReady(daemon) {
  const token = await daemon.token('read');
  await until('the servers of tools to be ready', async () => {
    const answer = await fetch(`${daemon.url}/api/tools`, { headers: { Authorization: `Bearer ${token}` } });
    const { servers } = /** @type {any} */ (await answer.json());
    return servers.length && servers.every((/** @type {any} */ s) => s.state === 'ready');
  });
}

/**
 * The script of a server that people use, as daemon/agent/testdata/mcp/package.json pins it.
 * @param {'everything' | 'filesystem'} name
 */
export function publicServer(name) {
  const path = `../../daemon/agent/testdata/mcp/node_modules/@modelcontextprotocol/server-${name}/dist/index.js`;
  const script = fileURLToPath(new URL(path, import.meta.url));
  if (!existsSync(script)) throw new Error(`${script} is not there: run "npm ci" in daemon/agent/testdata/mcp first`);
  return script;
}

/** A server that people use, over HTTP, which can be killed and started again at the same address. */
export class HttpServer {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;
  /** Every request line that it has noted since it was started. */
  log = '';

  /** @param {number} port */
  constructor(port) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}/mcp`;
  }

  async start() {
    const child = spawn(process.execPath, [publicServer('everything'), 'streamableHttp'], {
      env: { ...process.env, PORT: String(this.port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.log += text));
    }
    await until('the server to listen', () => this.log.includes('listening'));
  }

  async kill() {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

/** @param {import('node:test').TestContext} t */
export async function startHttpServer(t) {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (free.address());
  free.close();
  const http = new HttpServer(port);
  after(t, () => http.kill());
  await http.start();
  return http;
}

/**
 * The processes that have this word among their arguments.
 * @param {string} word
 */
export async function processesWith(word) {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,args=']);
  return stdout.split('\n').filter((line) => line.includes(word) && !line.includes(' ps '));
}
