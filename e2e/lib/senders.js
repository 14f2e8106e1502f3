import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs a program and returns what it printed. `make e2e` has seen to it that it is there.
 * @param {string} name
 * @param {string[]} args
 * @param {{cwd?: string}} [options]
 */
export async function program(name, args, options) {
  const { stdout, stderr } = await run(name, args, { timeout: 120_000, ...options });
  return stdout + stderr;
}

/**
 * Speaks by shoutrrr, which Watchtower and others use.
 * @param {string} address of a service, in shoutrrr's form
 * @param {string} message
 */
export const shoutrrr = (address, message) =>
  program('go', ['run', '.', address, message], { cwd: fileURLToPath(new URL('../senders', import.meta.url)) });

/**
 * What has arrived, oldest first, with the name of its conversation.
 * @param {import('./daemon.js').Daemon} daemon
 */
export async function arrived(daemon) {
  const token = await daemon.token('read');
  const headers = { Authorization: `Bearer ${token}` };
  const get = async (/** @type {string} */ path) => (await fetch(daemon.url + path, { headers })).json();
  const { conversations } = await get('/api/conversations');
  const all = [];
  for (const c of conversations) {
    const { messages } = await get(`/api/conversations/${c.id}/messages`);
    for (const m of messages) all.push({ ...m, topic: c.title });
  }
  return all.sort((a, b) => (a.id < b.id ? -1 : 1));
}
