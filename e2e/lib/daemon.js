import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after } from './after.js';
import { folder } from './folder.js';
import { until } from './until.js';

const binary = fileURLToPath(new URL(`../../bin/hark${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url));

/** The built program, serving from a data folder of its own, as a person would run it. */
export class Daemon {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;
  #output = '';

  /**
   * @param {string} data
   * @param {Record<string, string>} env
   */
  constructor(data, env) {
    this.data = data;
    this.env = env;
    this.url = '';
    /** The link that the program prints for the first browser. */
    this.pairing = '';
    this.binary = binary;
  }

  get port() {
    return Number(new URL(this.url).port);
  }

  /** Everything the program printed since it was last started. */
  get output() {
    return this.#output;
  }

  /** Starts the program; the second time on the port that it had, so that open pages find it again. */
  async start() {
    const address = `127.0.0.1:${this.url ? this.port : 0}`;
    this.#output = '';
    const child = spawn(binary, ['serve', '--addr', address, '--data', this.data], {
      env: { ...clean(process.env), ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.#output += text));
    }
    const ready = await until('the daemon to listen', () => {
      if (child.exitCode !== null) throw new Error(`hark serve ended with ${child.exitCode}:\n${this.#output}`);
      return /^hark: listening on (http:\/\/\S+)$/m.exec(this.#output)?.[1];
    }).catch((cause) => {
      throw new Error(`hark serve is not ready. It printed:\n${this.#output}`, { cause });
    });
    this.url = ready.replace(/\/$/, '');
  }

  /** Ends the program as a power cut does. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** Asks the program to end, as the system does at shutdown. */
  async stop() {
    await this.#end('SIGTERM');
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /**
   * Runs another verb of the program against this data folder and returns what it printed.
   * @param {...string} args
   */
  async hark(...args) {
    const run = promisify(execFile);
    const { stdout } = await run(binary, [...args, '--data', this.data], { env: clean(process.env) });
    return stdout;
  }

  /** A new one-time pairing code. */
  async code() {
    return /** @type {{code: string, url: string}} */ (JSON.parse(await this.hark('pair', '--json')));
  }

  /**
   * A new token for scripts.
   * @param {string} scope
   */
  async token(scope) {
    const made = await this.hark('token', 'create', `e2e ${scope}`, '--scope', scope, '--json');
    return /** @type {string} */ (JSON.parse(made).token);
  }
}

/**
 * Starts the program with a fresh data folder; it is ended when the test is over. Without a model in `env`
 * the built-in assistant answers.
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} [env]
 */
export async function startDaemon(t, env = {}) {
  if (!existsSync(binary)) throw new Error(`${binary} is not there: run "make build" first`);
  const daemon = new Daemon(folder(t, 'data'), env);
  after(t, () => daemon.kill());
  await daemon.start();
  daemon.pairing = await until('the pairing link', () => {
    const links = daemon.output.match(/https?:\/\/\S+/g) ?? [];
    return links.find((link) => link.replace(/\/$/, '') !== daemon.url && link.startsWith(daemon.url));
  });
  return daemon;
}

/**
 * The environment without what would configure the program under test.
 * @param {NodeJS.ProcessEnv} env
 */
function clean(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HARK_')));
}
