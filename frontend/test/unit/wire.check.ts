import type { Check as Line, Delivery, DeviceQuiet, PushInfo, PushProblem, PushState } from '../../src/core/push';
import type {
  ChatAccepted,
  Conversation,
  Delta,
  Device,
  EventsAnswer,
  FoundModel,
  Message,
  MessagePage,
  Problem,
  ServerEvent,
  ServerStatus,
  Token,
} from '../../src/core/protocol';

/** Says what is wrong with a value, or nothing. */
type Check = (value: unknown, at: string) => string[];

const a =
  (type: 'string' | 'number' | 'boolean'): Check =>
  (v, at) =>
    typeof v === type ? [] : [`${at} should be a ${type}, is ${JSON.stringify(v)}`];
const text = a('string');
const number = a('number');
const flag = a('boolean');
const optional =
  (check: Check): Check =>
  (v, at) =>
    v === undefined ? [] : check(v, at);
const list =
  (check: Check): Check =>
  (v, at) =>
    Array.isArray(v) ? v.flatMap((x, i) => check(x, `${at}[${i}]`)) : [`${at} should be a list`];
const one =
  (...allowed: string[]): Check =>
  (v, at) =>
    allowed.includes(v as string) ? [] : [`${at} should be one of ${allowed.join(', ')}, is ${JSON.stringify(v)}`];
const time: Check = (v, at) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(v)) ? [] : [`${at} should be a UTC time, is ${String(v)}`];

/** Checks the fields of an object; a field that its type does not have does not compile. */
const record =
  <T>(fields: { [K in keyof T]?: Check }): Check =>
  (v, at) =>
    v !== null && typeof v === 'object'
      ? Object.entries(fields as Record<string, Check>).flatMap(([key, check]) =>
          check((v as Record<string, unknown>)[key], `${at}.${key}`),
        )
      : [`${at} should be an object`];

const message = record<Message>({
  id: text,
  conversation: text,
  role: one('user', 'assistant'),
  status: one('pending', 'streaming', 'done', 'error'),
  reason: optional(text),
  text,
  title: optional(text),
  format: optional(text),
  source: optional(record<NonNullable<Message['source']>>({ kind: text, name: optional(text) })),
  error: optional(record<NonNullable<Message['error']>>({ code: text, detail: text, retryable: flag })),
  priority: optional(number),
  tags: optional(list(text)),
  click: optional(text),
  reply_to: optional(text),
  attempt: number,
  created: time,
  updated: time,
});

const conversation = record<Conversation>({
  id: text,
  title: text,
  inbox: flag,
  unread: number,
  last_message: optional(text),
  preview: optional(text),
  last_at: optional(time),
  read_upto: optional(text),
  archived: flag,
  muted: flag,
  created: time,
  updated: time,
});

const pushState = record<PushState>({
  state: text,
  since: time,
  detail: optional(text),
  last_accepted: optional(time),
  last_shown: optional(time),
});
const device = record<Device>({
  id: text,
  name: text,
  agent: optional(text),
  last_seen: optional(time),
  created: time,
  current: optional(flag),
  push: optional(pushState),
  quiet: optional(record<DeviceQuiet>({ from: text, to: text, zone: text })),
  private: optional(flag),
  mutes: optional(list(text)),
});
const token = record<Token>({ id: text, name: text, scopes: list(text), created: time, last_used: optional(time) });
const reset = record<{ reason: string; head: string }>({ reason: text, head: text });

const events: { [K in ServerEvent['event']]: Check } = {
  hello: record<Extract<ServerEvent, { event: 'hello' }>['data']>({
    epoch: text,
    head: text,
    version: text,
    time,
    beat_s: number,
  }),
  message,
  conversation,
  reminder: record({ id: text }),
  device: record({ id: text }),
  gone: record<{ kind: string; id: string }>({ kind: text, id: text }),
  delta: record<Delta>({ message: text, attempt: number, at: number, text }),
  ready: record<{ head: string }>({ head: text }),
  beat: record<{ head: string; time: string }>({ head: text, time }),
  reset,
  bye: record<{ reason: string }>({ reason: text }),
};

/** Checks one event by its name, and that records have a cursor and nothing else has. */
export const event: Check = (v, at) => {
  const ev = v as ServerEvent;
  const check = events[ev.event];
  if (!check) return [`${at}: unknown event ${JSON.stringify(ev.event)}`];
  const stored = ['message', 'conversation', 'reminder', 'device', 'gone'].includes(ev.event);
  const id = stored === (ev.id !== undefined) ? [] : [`${at}: ${ev.event} ${stored ? 'needs' : 'must not have'} an id`];
  return [...id, ...check(ev.data, `${at} ${ev.event}`)];
};

const page = record<MessagePage>({ messages: list(message), more: flag, cursor: text });
const pairCode = record<{ code: string; url: string; expires: string }>({ code: text, url: text, expires: time });

const pushInfo = record<PushInfo>({
  key: text,
  subscribed: flag,
  endpoint_sha256: optional(text),
  state: optional(pushState),
  private: optional(flag),
  private_all: optional(flag),
  problems: list(
    record<PushProblem>({ code: text, device: optional(text), name: optional(text), say: text, cure: optional(text) }),
  ),
});
const delivery = record<Delivery>({
  device: text,
  name: optional(text),
  state: text,
  detail: optional(text),
  at: time,
  times: () => [],
});
const checks = list(record<Line>({ name: text, ok: flag, say: text, cure: optional(text) }));

/** What each call of the app must answer, by method and path. Calls that the app never makes are not here. */
export const answers: [RegExp, Check][] = [
  [/^GET \/api\/push$/, pushInfo],
  [/^PUT \/api\/push\/subscription$/, pushInfo],
  [/^GET \/api\/messages\/[^/]+\/delivery$/, record<{ devices: unknown }>({ devices: list(delivery) })],
  [/^GET \/api\/push\/doctor/, record<{ checks: unknown }>({ checks })],
  [
    /^POST \/api\/assistant\/chat$/,
    record<ChatAccepted>({
      conversation: text,
      user_message: text,
      assistant_message: text,
      status: text,
      cursor: text,
    }),
  ],
  [
    /^GET \/api\/assistant\/events/,
    record<EventsAnswer>({ events: list(event), cursor: text, reset: optional(reset) }),
  ],
  [
    /^GET \/api\/conversations$/,
    record<{ conversations: unknown; cursor: string }>({ conversations: list(conversation), cursor: text }),
  ],
  [/^GET \/api\/conversations\/[^/]+\/messages/, page],
  [/^PATCH \/api\/conversations\/[^/]+$/, conversation],
  [/^GET \/api\/messages\/[^/]+$/, message],
  [/^GET \/api\/search/, record<{ messages: unknown; more: boolean }>({ messages: list(message), more: flag })],
  [/^GET \/api\/devices$/, record<{ devices: unknown }>({ devices: list(device) })],
  [/^GET \/api\/tokens$/, record<{ tokens: unknown }>({ tokens: list(token) })],
  [/^POST \/api\/tokens$/, record<{ token: string; id: string }>({ token: text, id: text })],
  [/^POST \/api\/pair\/code$/, pairCode],
  [
    /^GET \/api\/status$/,
    record<ServerStatus>({
      version: text,
      model: record<ServerStatus['model']>({
        kind: text,
        name: optional(text),
        url: optional(text),
        found: optional(list(record<FoundModel>({ url: text, name: text }))),
        say: text,
      }),
      conversations: optional(number),
    }),
  ],
];

/** A refusal, whatever was asked. */
export const problem = record<Problem>({
  title: text,
  status: number,
  code: text,
  detail: optional(text),
  request_id: text,
});
