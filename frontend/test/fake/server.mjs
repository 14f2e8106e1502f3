// A small stand-in for the daemon, for looking at the app in a browser without one.
// It keeps everything in memory and serves the built app under the daemon's CSP.
//   node test/fake/server.mjs [port]      FAKE_EMPTY=1 no conversations   FAKE_PAIR=1 asks for pairing (code: HARK)
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { push } from './push.mjs';
import { reminders } from './reminders.mjs';
import { seed, words } from './seed.mjs';
import { tools } from './tools.mjs';

const dist = process.env.FAKE_DIST ?? new URL('../../dist/', import.meta.url).pathname;
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html hark";
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};
const TICK = Number(process.env.FAKE_TICK ?? 60);

/** Starts the stand-in; `port` 0 picks one. Resolves to its address and its levers. */
export async function startFake({ port = 0, empty = false, pairing = false } = {}) {
  const state = {
    seq: 1,
    paired: !pairing,
    down: false,
    log: [],
    streams: new Set(),
    keys: new Map(),
    running: new Map(),
  };
  state.records = empty ? { conversations: new Map(), messages: new Map() } : seed();
  let clock = Date.now();
  const id = () => `01ZZ${(clock = Math.max(clock + 1, Date.now())).toString(36).toUpperCase().padStart(22, '0')}`;
  const now = () => new Date().toISOString();
  const send = (stream, event, data, seq) =>
    stream.write(`${seq ? `id: e1-${seq}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const emit = (event, data, stored = true) => {
    const seq = stored ? ++state.seq : 0;
    if (stored) state.log.push({ event, data: structuredClone(data), seq });
    for (const s of state.streams) send(s, event, data, seq);
  };
  const about = reminders({ emit, empty });
  const putMessage = (m) => {
    const { messages, conversations } = state.records;
    messages.set(m.id, { ...m, updated: now() });
    emit('message', messages.get(m.id));
    const c = conversations.get(m.conversation);
    const mine = [...messages.values()].filter((x) => x.conversation === c.id).sort((a, b) => (a.id < b.id ? -1 : 1));
    const last = mine.at(-1);
    Object.assign(c, {
      preview: last.text
        .replace(/[*`#|>-]/g, '')
        .replace(/\s+/g, ' ')
        .slice(0, 160),
      last_message: last.id,
      last_at: last.created,
      updated: now(),
      unread: mine.filter((x) => x.role === 'assistant' && x.status === 'done' && x.id > (c.read_upto ?? '')).length,
    });
    emit('conversation', c);
  };
  const aboutPush = push();
  const aboutTools = tools({ records: () => state.records, putMessage });
  const answer = (m, text) => {
    let at = 0;
    const parts = text.match(/\s*\S+/g) ?? [];
    const timer = setInterval(() => {
      const part = parts.shift();
      if (part === undefined) return finish('done');
      const next = { ...state.records.messages.get(m.id), status: 'streaming' };
      if (!at) putMessage(next);
      next.text += part;
      state.records.messages.set(m.id, next);
      emit('delta', { message: m.id, attempt: next.attempt, at, text: part }, false);
      at += part.length;
    }, TICK);
    const finish = (status, extra = {}) => {
      clearInterval(timer);
      state.running.delete(m.id);
      putMessage({ ...state.records.messages.get(m.id), status, reason: undefined, ...extra });
    };
    state.running.set(m.id, finish);
  };

  const api = {
    'GET /api/status': () => ({
      version: 'dev',
      model: {
        kind: 'builtin',
        found: [],
        say: 'The built-in assistant answers: it sets reminders and finds messages.',
      },
    }),
    'GET /api/conversations': () => ({
      conversations: [...state.records.conversations.values()],
      cursor: `e1-${state.seq}`,
    }),
    'GET /api/tokens': () => ({
      tokens: [{ id: 't1', name: 'Backup script', scopes: ['fire'], created: now(), last_used: now() }],
    }),
    'POST /api/tokens': ({ body }) => ({ id: 't2', ...body, token: 'hark_8Vn2cGq0hT5yWb1mXz7rLd', created: now() }),
    'POST /api/pair/code': () => ({
      code: 'HARK',
      url: 'http://127.0.0.1:4275/#pair=HARK',
      expires: new Date(Date.now() + 600_000),
    }),
    'POST /api/pair': ({ body }) => {
      if (body.code.toUpperCase() !== 'HARK') return { status: 422, code: 'bad_code', detail: 'No such code.' };
      state.paired = true;
      return {};
    },
    'POST /api/assistant/chat': ({ body, key }) => {
      if (state.keys.has(key)) return state.keys.get(key);
      let c = state.records.conversations.get(body.conversation);
      if (!c) {
        c = {
          id: id(),
          title: body.text.slice(0, 48),
          inbox: false,
          unread: 0,
          archived: false,
          muted: false,
          created: now(),
          updated: now(),
        };
        state.records.conversations.set(c.id, c);
      }
      const user = {
        id: id(),
        conversation: c.id,
        role: 'user',
        status: 'done',
        text: body.text,
        source: { kind: 'chat' },
        attempt: 1,
        created: now(),
      };
      const reply = { ...user, id: id(), role: 'assistant', status: 'pending', text: '' };
      putMessage(user);
      putMessage(reply);
      setTimeout(() => answer(reply, words(body.text)), 10 * TICK);
      const accepted = {
        conversation: c.id,
        user_message: user.id,
        assistant_message: reply.id,
        status: 'pending',
        cursor: `e1-${state.seq}`,
      };
      state.keys.set(key, accepted);
      return accepted;
    },
    'POST /api/assistant/fire': ({ body }) => {
      const inbox = [...state.records.conversations.values()].find((c) => c.inbox);
      const m = {
        id: id(),
        conversation: inbox.id,
        role: 'assistant',
        status: 'done',
        attempt: 1,
        created: now(),
        source: { kind: 'fire', name: 'curl' },
        ...body,
      };
      putMessage(m);
      return { message: m.id };
    },
    'GET /api/search': ({ url }) => {
      const q = url.searchParams.get('q').toLowerCase();
      const messages = [...state.records.messages.values()]
        .filter((m) => m.text.toLowerCase().includes(q))
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      return { messages: messages.slice(0, 30), more: messages.length > 30 };
    },
    'GET /api/assistant/events': ({ url }) => ({
      events: since(url).map((e) => ({ id: `e1-${e.seq}`, event: e.event, data: e.data })),
    }),
  };
  const since = (url) => {
    const from = Number((url.searchParams.get('since') ?? `e1-${state.seq}`).split('-').pop());
    return state.log.filter((e) => e.seq > from);
  };
  const byId = {
    conversations: (method, c, rest, { url, body }) => {
      if (method === 'DELETE') {
        state.records.conversations.delete(c.id);
        emit('gone', { kind: 'conversation', id: c.id });
      } else if (method === 'PATCH') emit('conversation', Object.assign(c, body, { updated: now() }));
      else if (rest === 'read')
        emit('conversation', Object.assign(c, { unread: 0, read_upto: body.upto, updated: now() }));
      else if (rest === 'messages') {
        const before = url.searchParams.get('before') ?? '~';
        const all = [...state.records.messages.values()]
          .filter((m) => m.conversation === c.id && m.id < before)
          .sort((a, b) => (a.id < b.id ? -1 : 1));
        const page = all.slice(-Number(url.searchParams.get('limit') ?? 50));
        return { messages: page, more: page.length < all.length, cursor: `e1-${state.seq}` };
      }
      return c;
    },
    messages: (method, m, rest) => {
      if (method === 'DELETE') {
        state.records.messages.delete(m.id);
        emit('gone', { kind: 'message', id: m.id });
      } else if (rest === 'stop') state.running.get(m.id)?.('done', { reason: 'stopped' });
      else if (rest === 'retry') {
        const again = {
          ...m,
          status: 'pending',
          text: '',
          error: undefined,
          reason: undefined,
          attempt: m.attempt + 1,
        };
        putMessage(again);
        setTimeout(() => answer(again, words('again')), 10 * TICK);
      }
      return m;
    },
  };
  const route = (req, url, body) => {
    const call = { url, body, key: req.headers['idempotency-key'] };
    const pushed = aboutPush(req.method, url, body);
    if (pushed) return pushed;
    const turned = aboutTools(req.method, url, body);
    if (turned) return turned;
    const told = about(req.method, url, body);
    if (told) return told;
    const exact = api[`${req.method} ${url.pathname}`];
    if (exact) return exact(call);
    const [, kind, key, rest] = /^\/api\/(conversations|messages)\/([^/]+)\/?(.*)$/.exec(url.pathname) ?? [];
    const record = kind && state.records[kind].get(key);
    return record
      ? byId[kind](req.method, record, rest, call)
      : { status: 404, code: 'not_found', detail: 'There is no such thing.' };
  };
  const stream = (res, url) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    send(res, 'hello', { epoch: 'e1', head: `e1-${state.seq}`, version: 'dev', time: now(), beat_s: 25 });
    for (const e of since(url)) send(res, e.event, e.data, e.seq);
    for (const m of state.running.keys())
      send(res, 'delta', { message: m, attempt: 1, at: 0, text: state.records.messages.get(m).text });
    send(res, 'ready', { head: `e1-${state.seq}` });
    const beat = setInterval(() => send(res, 'beat', { head: `e1-${state.seq}`, time: now() }), 25_000);
    state.streams.add(res);
    res.on('close', () => (state.streams.delete(res), clearInterval(beat)));
  };
  const file = (res, path) => {
    const found = join(dist, path === '/' ? 'index.html' : path);
    if (!existsSync(found)) return res.writeHead(404).end();
    res.writeHead(200, {
      'Content-Type': TYPES[extname(found)] ?? 'application/octet-stream',
      'Content-Security-Policy': CSP,
      'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
    createReadStream(found).pipe(res);
  };
  const server = createServer((req, res) => {
    const url = new URL(req.url, 'http://fake');
    if (state.down) return req.socket.destroy();
    if (url.pathname === '/manifest.webmanifest')
      return res
        .writeHead(200, { 'Content-Type': 'application/manifest+json' })
        .end('{"name":"Hark","start_url":"/","display":"standalone"}');
    if (!url.pathname.startsWith('/api/')) return file(res, url.pathname);
    if (!state.paired && url.pathname !== '/api/pair')
      return problem(res, { status: 401, code: 'unpaired', detail: 'Pair first.' });
    if (url.pathname === '/api/assistant/stream') return stream(res, url);
    const chunks = [];
    req
      .on('data', (c) => chunks.push(c))
      .on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const result = route(
          req,
          url,
          text ? (/json/.test(req.headers['content-type']) ? JSON.parse(text) : text) : {},
        );
        if (result.status >= 400) return problem(res, result);
        res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result));
      });
  });
  const problem = (res, p) =>
    res
      .writeHead(p.status, { 'Content-Type': 'application/problem+json' })
      .end(JSON.stringify({ title: p.code, ...p }));
  await new Promise((ok) => server.listen(port, '127.0.0.1', ok));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    state,
    /** Cuts every stream and refuses everything, or serves again. */
    setDown(down) {
      state.down = down;
      if (down) for (const s of state.streams) s.destroy();
    },
    fire: (body) => api['POST /api/assistant/fire']({ body }),
    close: () => (server.closeAllConnections(), new Promise((ok) => server.close(ok))),
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const fake = await startFake({
    port: Number(process.argv[2] ?? 4280),
    empty: !!process.env.FAKE_EMPTY,
    pairing: !!process.env.FAKE_PAIR,
  });
  console.log(fake.url);
}
