import { once } from 'node:events';
import { createServer } from 'node:http';
import { after } from './after.js';
import { until } from './until.js';

/**
 * One call of the model, still open. The test decides what comes and when.
 */
export class Call {
  /** True once the other side has hung up before the answer was complete. */
  cancelled = false;
  #chunks = 0;

  /**
   * @param {any} body the request, as the daemon sent it
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  constructor(body, request, response) {
    this.body = body;
    this.authorization = request.headers.authorization;
    this.response = response;
    response.on('close', () => (this.cancelled ||= !response.writableEnded));
  }

  /** The words of the last message that the model was given. */
  get prompt() {
    const content = this.body.messages.at(-1).content;
    return typeof content === 'string' ? content : content.map((/** @type {any} */ p) => p.text ?? '').join('');
  }

  /**
   * Sends a piece of the reply.
   * @param {string} text
   */
  say(text) {
    this.#send({
      choices: [{ index: 0, delta: this.#chunks++ ? { content: text } : { role: 'assistant', content: text } }],
    });
  }

  /**
   * Sends a piece of what the model thinks aloud.
   * @param {string} text
   */
  think(text) {
    this.#send({ choices: [{ index: 0, delta: { reasoning_content: text } }] });
  }

  /**
   * Sends the rest of the reply, if any, and ends it as the protocol asks.
   * @param {string} [text]
   */
  finish(text) {
    if (text) this.say(text);
    this.#send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    this.#send({
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: this.#chunks, total_tokens: 1 + this.#chunks },
    });
    this.response.end('data: [DONE]\n\n');
  }

  /**
   * Ends the answer with the wish to use tools, each a name with its arguments.
   * @param {...[string, object]} wishes
   */
  use(...wishes) {
    const calls = wishes.map(([name, args], index) => ({
      index,
      id: `call_${index}_${name}`.slice(0, 40),
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    }));
    this.#send({ choices: [{ index: 0, delta: { tool_calls: calls } }] });
    this.#send({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] });
    this.response.end('data: [DONE]\n\n');
  }

  /** What the tools have answered, as the model was told. */
  get results() {
    const told = this.body.messages.filter((/** @type {any} */ m) => m.role === 'tool');
    return /** @type {string[]} */ (told.map((/** @type {any} */ m) => m.content));
  }

  /** The names of the tools that the model may use. */
  get tools() {
    return /** @type {string[]} */ ((this.body.tools ?? []).map((/** @type {any} */ t) => t.function.name));
  }

  /**
   * Answers with an error instead.
   * @param {number} status
   * @param {string} message
   */
  refuse(status, message) {
    this.response.writeHead(status, { 'Content-Type': 'application/json' });
    this.response.end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
  }

  /** Breaks the connection in the middle. */
  cut() {
    this.response.destroy();
  }

  /** @param {object} chunk */
  #send(chunk) {
    if (!this.response.headersSent) {
      this.response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    }
    const common = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'fake' };
    this.response.write(`data: ${JSON.stringify({ ...common, ...chunk })}\n\n`);
  }
}

/** A model server that speaks the OpenAI chat API over real HTTP and does what the test says. */
export class Model {
  /** Every chat call so far, in order of arrival. @type {Call[]} */
  calls = [];
  #taken = 0;
  /** Answers calls at once when set; else the test takes them with `next`. @type {((call: Call) => void) | undefined} */
  auto = undefined;

  constructor() {
    this.server = createServer((request, response) => void this.#serve(request, response));
  }

  /** What the daemon has to be told to use this model. */
  get env() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return {
      HARK_MODEL_KIND: 'openai',
      HARK_MODEL_URL: `http://127.0.0.1:${port}/v1`,
      HARK_MODEL: 'fake',
      HARK_MODEL_KEY: 'e2e-key',
    };
  }

  /** The next chat call that no one has taken yet. */
  async next() {
    const call = await until('a call of the model', () => this.calls[this.#taken]);
    this.#taken++;
    return call;
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #serve(request, response) {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    if (request.method === 'POST' && request.url === '/v1/chat/completions') {
      const call = new Call(JSON.parse(text), request, response);
      this.calls.push(call);
      this.auto?.(call);
      return;
    }
    const models = request.url === '/v1/models';
    response.writeHead(models ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(models ? { object: 'list', data: [{ id: 'fake', object: 'model' }] } : {}));
  }
}

/** @param {import('node:test').TestContext} t */
export async function startModel(t) {
  const model = new Model();
  model.server.listen(0, '127.0.0.1');
  await once(model.server, 'listening');
  after(t, () => {
    model.server.close();
    model.server.closeAllConnections();
  });
  return model;
}
