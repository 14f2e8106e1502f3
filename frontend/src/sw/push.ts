import { workerWords } from '../i18n/worker';
import type { Opening } from '../store/pushdb';
import { actsOf, type Act } from './acts';
import { flags, object, ownPath, pick, string, type Json } from './json';

/** What goes with a notification so that a tap on it, or on one of its buttons, can do what it says. */
export interface Attached extends Opening {
  /** The server's proof that this push was its own; passed back as it came. */
  receipt?: string;
  /** By the name of the button. */
  acts?: Record<string, Act>;
  /** The language that the owner has chosen, as a tag; without it that of the device. */
  lang?: string;
}

/** A push, understood. */
export interface Notice {
  title: string;
  options: NoticeOptions;
  attached: Attached;
  /** Number for the app's icon; undefined: leave it as it is. */
  badge?: number;
  /** The message itself, so that it can be read without a line. */
  record?: Json;
}

/** The notification options that Hark sends; wider than lib.dom's, which leaves out what not every browser has. */
export interface NoticeOptions {
  body: string;
  icon: string;
  badge: string;
  data: Attached;
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
  /** Stores the message for reading offline. */
  keep(record: Json): Promise<void>;
  /** Tells the server that the notification is on the screen. */
  shown(receipt: string): Promise<void>;
}

/**
 * Reads a push: the declarative form `{"web_push":8030,"notification":{…}}`, the bare notification object,
 * plain text, or nothing at all. Never throws: what can't be read still becomes a notification. `declared` is
 * what a browser that understands the declarative form has read itself; it stands in where the text is missing.
 */
export function parse(text: string, origin: string, declared?: unknown): Notice {
  const payload = asObject(text);
  const n = object(payload?.['notification']) ?? payload ?? fromDeclared(declared) ?? {};
  const data = object(n['data']) ?? {};
  const acts = actsOf(data['acts'], n['actions'], origin);
  const attached: Attached = {
    navigate: ownPath(n['navigate'] ?? data['navigate'], origin),
    ...pick(data, ['message', 'conversation', 'receipt', 'lang']),
    ...(acts ? { acts } : {}),
  };
  const title = string(n['title']) || 'Hark';
  const body = string(n['body']) ?? (payload ? '' : text.trim());
  const count = payload?.['app_badge'] ?? n['app_badge'];
  const notice: Notice = { title, attached, options: options(n, body || fallback(title, attached.lang), attached) };
  const record = object(data['record']);
  if (record) notice.record = record;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) notice.badge = count;
  return notice;
}

/**
 * Shows the notification, keeps its message, tells every open window, sets the badge and sends the receipt;
 * resolves when all have settled.
 *
 * The notification comes first and whatever happens to the rest, and it is shown even when a window is in
 * front: a push without one counts against the app, and after a few the browser takes the subscription away
 * without a word. Only the server may decide not to send.
 */
export function receive(text: string, world: PushWorld, declared?: unknown): Promise<unknown> {
  const notice = parse(text, world.origin, declared);
  const { message, conversation, receipt } = notice.attached;
  const shown = show(notice, world);
  return Promise.allSettled([
    shown,
    world.windows().then((all) => all.forEach((w) => w.postMessage({ type: 'push', message, conversation }))),
    notice.badge === undefined ? undefined : world.setBadge(notice.badge),
    notice.record && world.keep(notice.record),
    // It says "shown", so it must not be said of what the browser refused to show.
    receipt && shown.then(() => world.shown(receipt)),
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

function options(n: Json, body: string, attached: Attached): NoticeOptions {
  const tag = string(n['tag']) || attached.message;
  return {
    body,
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    data: attached,
    ...pick(n, ['lang']),
    ...flags(n, ['silent', 'requireInteraction']),
    ...(typeof n['timestamp'] === 'number' ? { timestamp: n['timestamp'] } : {}),
    ...(n['dir'] === 'ltr' || n['dir'] === 'rtl' ? { dir: n['dir'] } : {}),
    // `renotify` without a tag is a TypeError.
    ...(tag ? { tag, ...flags(n, ['renotify']) } : {}),
    ...(Array.isArray(n['actions']) ? { actions: n['actions'].flatMap(action) } : {}),
  };
}

function fallback(title: string, lang?: string): string {
  return title === 'Hark' ? workerWords(lang).newMessage : '';
}

function action(value: unknown): { action: string; title: string }[] {
  const a = object(value);
  const [name, title] = [string(a?.['action']), string(a?.['title'])];
  return name && title ? [{ action: name, title }] : [];
}

/** A `Notification` has getters, not fields of its own; only what is used here is read. */
function fromDeclared(value: unknown): Json | undefined {
  const n = object(value);
  if (!n) return undefined;
  const names = ['title', 'body', 'tag', 'data', 'navigate', 'actions', 'lang', 'dir', 'silent', 'requireInteraction'];
  return Object.fromEntries(names.map((name) => [name, n[name]]));
}

function asObject(text: string): Json | undefined {
  try {
    return object(JSON.parse(text));
  } catch {
    return undefined;
  }
}
