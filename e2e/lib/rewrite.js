import { once } from 'node:events';
import { after } from './after.js';
import { createServer, request as ask } from 'node:http';

/** An HTTP proxy that can hand out another service worker than the daemon's: the next version of the app. */
export class Rewrite {
  /** Changes the worker's source. @type {(source: string) => string} */
  worker = (source) => source;

  /** @param {string} target */
  constructor(target) {
    this.target = new URL(target);
    this.server = createServer((near, answer) => this.#serve(near, answer));
  }

  get url() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${port}`;
  }

  /**
   * @param {import('node:http').IncomingMessage} near
   * @param {import('node:http').ServerResponse} answer
   */
  #serve(near, answer) {
    const worker = near.url === '/sw.js';
    const headers = { ...near.headers };
    if (worker) for (const name of ['accept-encoding', 'if-none-match', 'if-modified-since']) delete headers[name];
    const { hostname, port } = this.target;
    const far = ask({ hostname, port, method: near.method, path: near.url, headers }, (reply) => {
      if (worker) return void this.#change(reply, answer);
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    far.on('error', () => answer.destroy());
    answer.on('close', () => far.destroy());
    near.pipe(far);
  }

  /**
   * @param {import('node:http').IncomingMessage} reply
   * @param {import('node:http').ServerResponse} answer
   */
  async #change(reply, answer) {
    let source = '';
    for await (const chunk of reply.setEncoding('utf8')) source += chunk;
    const body = this.worker(source);
    const { etag: _, 'content-length': __, ...headers } = reply.headers;
    answer.writeHead(reply.statusCode ?? 502, headers).end(body);
  }
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} target URL of the daemon
 */
export async function startRewrite(t, target) {
  const rewrite = new Rewrite(target);
  rewrite.server.listen(0, '127.0.0.1');
  await once(rewrite.server, 'listening');
  after(t, () => {
    rewrite.server.close();
    rewrite.server.closeAllConnections();
  });
  return rewrite;
}
