import { beforeEach, describe, expect, it, vi } from 'vitest';
import { activate, install, respond, route, type Shell } from '../../src/sw/cache';

const origin = 'http://127.0.0.1:4275';

/** A CacheStorage in memory that fetches from `server`: creation order, all-or-nothing addAll, as in browsers. */
class FakeCaches {
  readonly stores = new Map<string, Map<string, Response>>();
  constructor(readonly server: Map<string, string>) {}

  open(name: string) {
    const store = this.stores.get(name) ?? new Map<string, Response>();
    this.stores.set(name, store);
    return Promise.resolve({
      addAll: async (requests: Request[]) => {
        const found = requests.map((r) => [path(r), this.server.get(path(r))] as const);
        if (found.some(([, body]) => body === undefined)) throw new TypeError('Request failed');
        for (const [key, body] of found) store.set(key, new Response(body));
      },
      put: async (key: string, response: Response) => void store.set(key, response),
      match: async (key: string | Request) => store.get(path(key)),
    });
  }
  keys = async () => [...this.stores.keys()];
  delete = async (name: string) => this.stores.delete(name);
  match = async (key: string | Request, { cacheName }: { cacheName?: string } = {}) => {
    const stores = cacheName === undefined ? [...this.stores.values()] : [this.stores.get(cacheName)];
    return stores
      .map((s) => s?.get(path(key)))
      .find(Boolean)
      ?.clone();
  };
}

function path(key: string | Request): string {
  return new URL(typeof key === 'string' ? key : key.url, origin).pathname;
}

let server: Map<string, string>;
let fake: FakeCaches;
let caches: CacheStorage;

function shell(build: string): Shell {
  server.set('/', `page ${build}`).set(`/assets/app-${build}.js`, `code ${build}`);
  return { build, files: ['/', `/assets/app-${build}.js`] };
}

async function goLive(build: string): Promise<Shell> {
  const made = shell(build);
  await install(caches, made);
  await activate(caches, made);
  return made;
}

beforeEach(() => {
  vi.stubGlobal(
    'Request',
    class {
      url: string;
      cache: string | undefined;
      constructor(url: string, init?: { cache?: string }) {
        this.url = new URL(url, origin).href;
        this.cache = init?.cache;
      }
    },
  );
  server = new Map();
  fake = new FakeCaches(server);
  caches = fake as unknown as CacheStorage;
});

describe('the stored shell', () => {
  it('is whole or not there: a missing file fails the install', async () => {
    const broken = shell('1');
    server.delete('/assets/app-1.js');
    await expect(install(caches, broken)).rejects.toThrow();
  });

  it('of the build before is kept, of older ones deleted', async () => {
    for (const build of ['1', '2', '3']) await goLive(build);
    expect(await fake.keys()).toEqual(['hark-shell-2', 'hark-shell-3']);
  });

  it('of a build that was never in charge does not push out the one whose pages are open', async () => {
    await goLive('1');
    await install(caches, shell('2'));
    await goLive('3');
    expect(await fake.keys()).toEqual(['hark-shell-1', 'hark-shell-3']);
  });

  it('of a build that waits its turn stays', async () => {
    await goLive('1');
    const second = shell('2');
    await install(caches, second);
    await install(caches, shell('3'));
    await activate(caches, second);
    expect(await fake.keys()).toEqual(['hark-shell-1', 'hark-shell-2', 'hark-shell-3']);
  });

  it('leaves the caches of others alone', async () => {
    await fake.open('someone-else');
    await goLive('1');
    expect(await fake.keys()).toContain('someone-else');
  });
});

describe('an answer', () => {
  const offline = () => Promise.reject(new TypeError('offline'));
  const get = (url: string) => new Request(url);

  it('to any place in the app is the page of its own build, without the network', async () => {
    const one = await goLive('1');
    await goLive('2');
    const answer = await respond(caches, one, get('/c/01J?x=1'), 'page', offline);
    expect(await answer.text()).toBe('page 1');
  });

  it('to a page of the build before has its files', async () => {
    await goLive('1');
    const two = await goLive('2');
    expect(await (await respond(caches, two, get('/assets/app-1.js'), 'file', offline)).text()).toBe('code 1');
  });

  it('to a file that is stored nowhere comes from the network, its failure included', async () => {
    const one = await goLive('1');
    const online = () => Promise.resolve(new Response('from the daemon'));
    expect(await (await respond(caches, one, get('/assets/x.js'), 'file', online)).text()).toBe('from the daemon');
    await expect(respond(caches, one, get('/assets/x.js'), 'file', offline)).rejects.toThrow('offline');
  });

  it('to the page comes from the network when the browser threw the cache away', async () => {
    const online = () => Promise.resolve(new Response('fresh'));
    expect(await (await respond(caches, shell('1'), get('/'), 'page', online)).text()).toBe('fresh');
  });
});

describe('which requests the worker touches', () => {
  const files = ['/', '/assets/app-1.js', '/icon-192.png'];
  const ask = (path: string, mode = 'cors', method = 'GET') =>
    route({ method, mode, url: new URL(path, origin).href }, origin, files);

  it.each(['/', '/c/01J', '/settings', '/pair', '/index.html', '/?code=ABCD'])('%s opened is the page', (path) => {
    expect(ask(path, 'navigate')).toBe('page');
  });

  it.each(['/assets/app-1.js', '/assets/other.js', '/icon-192.png'])('%s is a file', (path) => {
    expect(ask(path, 'no-cors')).toBe('file');
  });

  it.each(['/api/assistant/stream', '/api/assistant/chat', '/api/push', '/sw.js', '/manifest.webmanifest'])(
    '%s is left alone',
    (path) => expect(ask(path)).toBe('none'),
  );

  it.each([
    '/api/conversations',
    '/healthz',
    '/metrics',
    '/login?ticket=x',
    '/trust',
    '/mytopic/publish?message=x',
    '/v1/health',
    '/mcp',
    '/a.txt',
  ])('%s typed into the address bar reaches the daemon', (path) => expect(ask(path, 'navigate')).toBe('none'));

  it('anything but GET, and anything of another origin, is left alone', () => {
    expect(ask('/', 'navigate', 'POST')).toBe('none');
    expect(ask('https://example.org/assets/app-1.js')).toBe('none');
  });
});
