import { startBrowser } from './browser.js';
import { startDaemon } from './daemon.js';
import { startModel } from './model.js';
import { startProxy } from './proxy.js';

/**
 * A daemon with a line in front of it, and with a model when asked for. Everything ends with the test.
 * @param {import('node:test').TestContext} t
 * @param {{model?: boolean, env?: Record<string, string>}} [options] `env` configures the daemon
 */
export async function startWorld(t, { model: wanted = false, env = {} } = {}) {
  const model = await startModel(t);
  const daemon = await startDaemon(t, { ...(wanted ? model.env : {}), ...env });
  const proxy = await startProxy(t, daemon.port);
  return new World(t, daemon, proxy, model);
}

export class World {
  /**
   * @param {import('node:test').TestContext} t
   * @param {import('./daemon.js').Daemon} daemon
   * @param {import('./proxy.js').Proxy} proxy
   * @param {import('./model.js').Model} model
   */
  constructor(t, daemon, proxy, model) {
    this.t = t;
    this.daemon = daemon;
    this.proxy = proxy;
    this.model = model;
    /** @type {string | undefined} */
    this.token = undefined;
  }

  /** The address that browsers use; it leads through the line that can be cut. */
  get url() {
    return this.proxy.url;
  }

  /**
   * A browser of its own that is already paired, with no page of the app open yet.
   * @param {import('playwright-core').BrowserContextOptions} [options]
   */
  async browser(options) {
    const context = await startBrowser(this.t, options);
    await this.pair(context);
    return context;
  }

  /**
   * Pairs a browser the way the app does it.
   * @param {import('playwright-core').BrowserContext} context
   */
  async pair(context) {
    const { code } = await this.daemon.code();
    const answer = await context.request.post(`${this.url}/api/pair`, { data: { code, name: 'e2e browser' } });
    if (!answer.ok()) throw new Error(`pairing failed: ${answer.status()} ${await answer.text()}`);
  }

  /**
   * A paired browser with the app open.
   * @param {import('playwright-core').BrowserContextOptions} [options]
   */
  async open(options) {
    const context = await this.browser(options);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(this.url);
    return { context, page };
  }

  /**
   * Fires a message as a script does, and returns the daemon's answer.
   * @param {string | Record<string, unknown>} body
   */
  async fire(body) {
    this.token ??= await this.daemon.token('fire');
    const json = typeof body !== 'string';
    const answer = await fetch(`${this.daemon.url}/api/assistant/fire`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': json ? 'application/json' : 'text/plain' },
      body: json ? JSON.stringify(body) : body,
    });
    if (answer.status !== 200) throw new Error(`fire: ${answer.status} ${await answer.text()}`);
    return /** @type {any} */ (await answer.json());
  }

  /**
   * Everything the daemon holds of a conversation, oldest first, asked past the browser.
   * @param {import('playwright-core').BrowserContext} context
   * @param {string} conversation
   */
  async messages(context, conversation) {
    const answer = await context.request.get(`${this.daemon.url}/api/conversations/${conversation}/messages?limit=200`);
    if (!answer.ok()) throw new Error(`messages: ${answer.status()} ${await answer.text()}`);
    const { messages } = await answer.json();
    return /** @type {any[]} */ (messages).sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
