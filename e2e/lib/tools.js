import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
  await daemon.stop();
  const config = { mcpServers: { e2e: { command: process.execPath, args: [server, tools.dir] } } };
  writeFileSync(join(daemon.data, 'mcp.json'), JSON.stringify(config));
  await daemon.start();
  const token = await daemon.token('read');
  await until('the server of tools to be ready', async () => {
    const answer = await fetch(`${daemon.url}/api/tools`, { headers: { Authorization: `Bearer ${token}` } });
    const { servers } = /** @type {any} */ (await answer.json());
    return servers.some((/** @type {any} */ s) => s.state === 'ready');
  });
  return tools;
}
