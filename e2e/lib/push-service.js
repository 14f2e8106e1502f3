import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after } from './after.js';
import { until } from './until.js';

/** A push service and the browser behind it: takes what the daemon sends, and opens it as a browser does. */
export class PushService {
  /** What came, opened, oldest first. @type {string[]} */
  came = [];
  #key = createECDH('prime256v1');
  #auth = randomBytes(16);

  constructor() {
    this.#key.generateKeys();
    this.server = createServer(async (request, answer) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      this.came.push(this.#open(Buffer.concat(parts)));
      answer.writeHead(201).end();
    });
  }

  get host() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `127.0.0.1:${port}`;
  }

  /** What lets the daemon send here, although it is no public address. */
  get env() {
    return { HARK_PUSH_ALLOW: this.host };
  }

  /** What `PushSubscription.toJSON()` gives. */
  get subscription() {
    const keys = { p256dh: this.#key.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: `http://${this.host}/push/1`, expirationTime: null, keys };
  }

  /**
   * The first push whose text has these words in it.
   * @param {string} words
   */
  async push(words) {
    return until(`a push with “${words}”`, () => this.came.find((text) => text.includes(words)));
  }

  /**
   * Opens a body of RFC 8188 with the keys of RFC 8291.
   * @param {Buffer} body
   */
  #open(body) {
    const salt = body.subarray(0, 16);
    const sender = body.subarray(21, 21 + body.readUInt8(20));
    const sealed = body.subarray(21 + sender.length);
    const derive = (/** @type {Buffer} */ from, /** @type {Buffer} */ with_, /** @type {Buffer} */ info, size = 16) =>
      Buffer.from(hkdfSync('sha256', from, with_, info, size));
    const who = Buffer.concat([Buffer.from('WebPush: info\0'), this.#key.getPublicKey(), sender]);
    const secret = derive(this.#key.computeSecret(sender), this.#auth, who, 32);
    const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'));
    const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
    const cipher = createDecipheriv('aes-128-gcm', key, nonce);
    cipher.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    // The text ends with the last byte that is no padding, which is its mark.
    let end = padded.length - 1;
    while (padded[end] === 0) end--;
    return padded.subarray(0, end).toString();
  }
}

/**
 * Starts a push service that is closed when the test is over.
 * @param {import('node:test').TestContext} t
 */
export async function startPushService(t) {
  const service = new PushService();
  service.server.listen(0, '127.0.0.1');
  await once(service.server, 'listening');
  after(t, () => service.server.close());
  return service;
}
