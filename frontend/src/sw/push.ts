/** What goes with a notification so that a tap on it can find its message. */
export interface Target {
  /** Path in the app to open, always of this origin. */
  navigate: string;
  message?: string;
  conversation?: string;
}

/** A push, understood. */
export interface Notice {
  title: string;
  options: NoticeOptions;
  target: Target;
  /** Number for the app's icon; undefined: leave it as it is. */
  badge?: number;
}

/** The notification options that Hark sends; wider than lib.dom's, which leaves out what not every browser has. */
export interface NoticeOptions {
  body: string;
  icon: string;
  badge: string;
  data: Target;
  tag?: string;
  renotify?: boolean;
  silent?: boolean;
  requireInteraction?: boolean;
  timestamp?: number;
  lang?: string;
  dir?: 'auto' | 'ltr' | 'rtl';
  actions?: { action: string; title: string }[];
}

/** The parts of the worker's world that a push needs. */
export interface PushWorld {
  origin: string;
  show(title: string, options: Partial<NoticeOptions>): Promise<void>;
  windows(): Promise<readonly { postMessage(message: unknown): void }[]>;
  setBadge(count: number): Promise<void>;
}

type Json = Record<string, unknown>;

/**
 * Reads a push: the declarative form `{"web_push":8030,"notification":{…}}`, the bare notification object,
 * plain text, or nothing at all. Never throws: what can't be read still becomes a notification.
 */
export function parse(text: string, origin: string): Notice {
  const payload = asObject(text);
  const n = object(payload?.['notification']) ?? payload ?? {};
  const data = object(n['data']) ?? {};
  const target: Target = {
    navigate: ownPath(n['navigate'] ?? data['navigate'], origin),
    ...pick(data, ['message', 'conversation']),
  };
  const title = string(n['title']) || 'Hark';
  const body = string(n['body']) ?? (payload ? '' : text.trim());
  const count = payload?.['app_badge'] ?? n['app_badge'];
  const notice: Notice = { title, target, options: options(n, body || fallback(title), target) };
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) notice.badge = count;
  return notice;
}

/**
 * Shows the notification, tells every open window, and sets the badge; resolves when all three have settled.
 *
 * The notification is shown even when a window is in front: a push without one counts against the app, and
 * after a few the browser takes the subscription away without a word. Only the server may decide not to send.
 */
export function receive(text: string, world: PushWorld): Promise<unknown> {
  const notice = parse(text, world.origin);
  const { message, conversation } = notice.target;
  return Promise.allSettled([
    show(notice, world),
    world.windows().then((all) => all.forEach((w) => w.postMessage({ type: 'push', message, conversation }))),
    notice.badge === undefined ? undefined : world.setBadge(notice.badge),
  ]);
}

/** A browser that refuses one of the options gets the words alone. */
async function show({ title, options }: Notice, world: PushWorld): Promise<void> {
  try {
    await world.show(title, options);
  } catch {
    await world.show(title, { body: options.body, data: options.data });
  }
}

function options(n: Json, body: string, target: Target): NoticeOptions {
  const tag = string(n['tag']) || target.message;
  return {
    body,
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    data: target,
    ...pick(n, ['lang']),
    ...flags(n, ['silent', 'requireInteraction']),
    ...(typeof n['timestamp'] === 'number' ? { timestamp: n['timestamp'] } : {}),
    ...(n['dir'] === 'ltr' || n['dir'] === 'rtl' ? { dir: n['dir'] } : {}),
    // `renotify` without a tag is a TypeError.
    ...(tag ? { tag, ...flags(n, ['renotify']) } : {}),
    ...(Array.isArray(n['actions']) ? { actions: n['actions'].flatMap(action) } : {}),
  };
}

function fallback(title: string): string {
  return title === 'Hark' ? 'You have a new message.' : '';
}

function action(value: unknown): { action: string; title: string }[] {
  const a = object(value);
  const [name, title] = [string(a?.['action']), string(a?.['title'])];
  return name && title ? [{ action: name, title }] : [];
}

/** A path of this origin. A push names where a tap leads, and must not be able to lead out of the app. */
function ownPath(value: unknown, origin: string): string {
  try {
    const url = new URL(string(value) ?? '/', origin);
    return url.origin === origin ? url.pathname + url.search + url.hash : '/';
  } catch {
    return '/';
  }
}

function asObject(text: string): Json | undefined {
  try {
    return object(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function pick<K extends string>(from: Json, keys: readonly K[]): Partial<Record<K, string>> {
  return Object.fromEntries(keys.flatMap((k) => (string(from[k]) ? [[k, from[k]]] : []))) as Partial<Record<K, string>>;
}

function flags<K extends string>(from: Json, keys: readonly K[]): Partial<Record<K, boolean>> {
  return Object.fromEntries(keys.flatMap((k) => (from[k] === true ? [[k, true]] : []))) as Partial<Record<K, boolean>>;
}
