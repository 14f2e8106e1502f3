/** One build of the app, as the build wrote it into the worker. */
export interface Shell {
  /** Names the build; another build has another name. */
  build: string;
  /** Paths of every file the app needs to start offline. The first is the page itself. */
  files: readonly string[];
}

const prefix = 'hark-shell-';
/** Marks the cache of a build that has been in charge, so that its open pages still find their files. */
const lived = '/.lived';

function nameOf(shell: Shell): string {
  return prefix + shell.build;
}

/** Stores the whole build or nothing: a shell with a file missing would break on the first day offline. */
export async function install(caches: CacheStorage, shell: Shell): Promise<void> {
  const cache = await caches.open(nameOf(shell));
  await cache.addAll(shell.files.map((path) => new Request(path, { cache: freshness(path) })));
}

/** A hashed file is what its name says; any other may still be the build before's in the HTTP cache. */
function freshness(path: string): RequestCache {
  return path.startsWith('/assets/') ? 'default' : 'reload';
}

/**
 * Keeps this build and the one that was in charge before it, whose pages may still be open, and deletes
 * every older one. Caches made later belong to a build that waits its turn and stay too.
 */
export async function activate(caches: CacheStorage, shell: Shell): Promise<void> {
  const own = nameOf(shell);
  await (await caches.open(own)).put(lived, new Response(''));
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix));
  let previous = '';
  for (const name of names.slice(0, names.indexOf(own)).reverse()) {
    const cache = await caches.open(name);
    if (previous === '' && (await cache.match(lived))) previous = name;
    else await caches.delete(name);
  }
}

/** What the worker does with a request: answer with the page, answer with a stored file, or keep out of it. */
export type Route = 'page' | 'file' | 'none';

/** Paths that the daemon answers itself although a browser may be sent there: probes, other dialects, files. */
const notThePage =
  /^\/(api|mcp|v1|healthz|readyz|metrics|login|trust|cal|assets)(\/|$)|\/(publish|send|trigger|json|sse|raw|ws)$|\.[a-z\d]+$/i;

/**
 * Decides what the worker has to do with a request. Everything under /api/ is left alone: an answer from a
 * cache would be a lie there, and a stream that passes through a worker keeps the worker alive for ever.
 */
export function route(
  request: { method: string; mode: string; url: string },
  origin: string,
  files: readonly string[],
): Route {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== origin) return 'none';
  if (request.mode === 'navigate') {
    return url.pathname === '/index.html' || !notThePage.test(url.pathname) ? 'page' : 'none';
  }
  if (url.pathname.startsWith('/assets/') || files.includes(url.pathname)) return 'file';
  return 'none';
}

/**
 * The page or file from this build's cache, then from the build before, then from the network. The page comes
 * from the cache even when the network is there: it starts at once, and it always meets the files it was built with.
 */
export async function respond(
  caches: CacheStorage,
  shell: Shell,
  request: Request,
  kind: 'page' | 'file',
  fetch: (request: Request) => Promise<Response>,
): Promise<Response> {
  const key = kind === 'page' ? (shell.files[0] ?? '/') : request;
  const own = await caches.match(key, { cacheName: nameOf(shell), ignoreSearch: true });
  if (own) return own;
  const before = kind === 'file' ? await caches.match(request, { ignoreSearch: true }) : undefined;
  return before ?? fetch(request);
}
