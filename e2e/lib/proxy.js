import { once } from 'node:events';
import { after } from './after.js';
import { connect, createServer } from 'node:net';

/** A line between page and daemon that can be cut in the ways in which real lines are cut. */
export class Proxy {
  /** @type {Set<import('node:net').Socket>} */
  #open = new Set();
  /** @type {WeakSet<import('node:net').Socket>} */
  #dead = new WeakSet();
  /** @type {'pass' | 'blackhole' | 'refuse'} */
  #mode = 'pass';
  /** How many connections were accepted so far. */
  accepted = 0;

  /** @param {number} target */
  constructor(target) {
    this.target = target;
    this.server = createServer((near) => this.#accept(near));
  }

  get url() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${port}`;
  }

  /**
   * Everything disappears without an answer, on open connections and on new ones: a phone in a tunnel.
   * The connections that saw it stay dead afterwards, too.
   */
  blackhole() {
    this.#mode = 'blackhole';
    for (const socket of this.#open) this.#bury(socket);
  }

  /** Every open connection is reset and new ones are too: the daemon's machine is off. */
  refuse() {
    this.#mode = 'refuse';
    this.reset();
  }

  /** Resets every open connection (RST), as a router does that forgot them. */
  reset() {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  /**
   * New connections get through again. Those that were open in a blackhole are forgotten: who sends on one is
   * told so by a reset, who only listens hears nothing for ever.
   */
  pass() {
    this.#mode = 'pass';
    for (const socket of this.#open) {
      if (this.#dead.has(socket)) socket.removeAllListeners('data').on('data', () => socket.resetAndDestroy());
    }
  }

  close() {
    this.server.close();
    for (const socket of this.#open) socket.destroy();
  }

  /** @param {import('node:net').Socket} near */
  #accept(near) {
    this.accepted++;
    this.#track(near);
    if (this.#mode === 'refuse') return void near.resetAndDestroy();
    if (this.#mode === 'blackhole') return this.#bury(near);
    const far = connect(this.target, '127.0.0.1');
    this.#track(far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from.setNoDelay(true);
      from.on('data', (bytes) => to.write(bytes));
      from.on('close', () => this.#dead.has(to) || to.destroy());
    }
  }

  /** @param {import('node:net').Socket} socket */
  #bury(socket) {
    this.#dead.add(socket);
    socket.removeAllListeners('data').on('data', () => {});
  }

  /** @param {import('node:net').Socket} socket */
  #track(socket) {
    this.#open.add(socket);
    socket.on('error', () => {}); // a cut line is what this is for
    socket.on('close', () => this.#open.delete(socket));
  }
}

/**
 * @param {import('node:test').TestContext} t
 * @param {number} target port of the daemon
 */
export async function startProxy(t, target) {
  const proxy = new Proxy(target);
  proxy.server.listen(0, '127.0.0.1');
  await once(proxy.server, 'listening');
  after(t, () => proxy.close());
  return proxy;
}
