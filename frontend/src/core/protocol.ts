/** What goes over the wire. Times are RFC 3339 in UTC with milliseconds, ids are ULIDs, lengths are UTF-16 units. */

import type { DeviceQuiet, PushState } from './push';
import type { Action, Ask } from './asks';
import type { Reminder } from './reminders';
import type { Step, Tally } from './steps';

export type Status = 'pending' | 'streaming' | 'done' | 'error';

/** Why a message is in its status, for people. Unknown reasons may arrive from a newer server. */
export type Reason =
  'queued' | 'waiting_model' | 'waiting_approval' | 'resuming' | 'stopped' | 'interrupted' | 'late' | (string & {});

export interface Message {
  id: string;
  conversation: string;
  role: 'user' | 'assistant';
  status: Status;
  reason?: Reason;
  text: string;
  title?: string;
  /** `plain` is shown as it is, with links; anything else is markdown. */
  format?: 'plain' | 'markdown' | (string & {});
  source?: {
    kind: 'chat' | 'fire' | 'reminder' | (string & {});
    name?: string;
    /** Of the token or reminder. */
    id?: string;
    /** An emoji that the owner gave the token. */
    icon?: string;
  };
  /** What became of what this message asked for; `until` with `snoozed`. */
  answer?: { value: 'done' | 'snoozed' | (string & {}); by?: string; at: string; until?: string };
  /** The tool calls of a reply, in order. */
  steps?: Step[];
  /** What the model thought aloud; no part of the answer. */
  reasoning?: string;
  /** Milliseconds that it has thought aloud. */
  thought_ms?: number;
  /** Since when it thinks aloud now, on the server's clock; `thought_ms` is from before that. */
  thinking?: string;
  /** What a reader should know of how the answer came about. */
  note?: string;
  usage?: Tally;
  /** `resumable`: the reply can go on from its last finished step. */
  error?: { code: string; detail: string; retryable: boolean; resumable?: boolean };
  priority?: number;
  tags?: string[];
  click?: string;
  actions?: Action[];
  ask?: Ask;
  reply_to?: string;
  /** The first version of this message, which it takes the place of. */
  branch_of?: string;
  attempt: number;
  created: string;
  updated: string;
  /** Kept by the service worker from a push; the text may have been cut. Never on the wire of the API. */
  cut?: boolean;
}

export interface Conversation {
  id: string;
  title: string;
  inbox: boolean;
  unread: number;
  last_message?: string;
  /** Plain text of the last message, at most 160 characters. */
  preview?: string;
  last_at?: string;
  /** Newest message that was read, on any device. */
  read_upto?: string;
  archived: boolean;
  muted: boolean;
  /** Id of the model that answers here; without it, the default one. */
  model?: string;
  created: string;
  updated: string;
}

/** Text of a running reply: keep the first `at` units of what is there, then append. */
export interface Delta {
  message: string;
  attempt: number;
  at: number;
  text: string;
}

export type ResetReason = 'epoch' | 'ahead' | 'far' | (string & {});

/** One event of the stream. `id` is a cursor and is present on changed records only. */
export type ServerEvent = { id?: string } & (
  | { event: 'hello'; data: { epoch: string; head: string; version: string; time: string; beat_s: number } }
  | { event: 'message'; data: Message }
  | { event: 'conversation'; data: Conversation }
  | { event: 'reminder'; data: Reminder }
  | { event: 'device'; data: { id: string } }
  | { event: 'gone'; data: { kind: string; id: string } }
  | { event: 'delta'; data: Delta }
  | { event: 'ready'; data: { head: string } }
  | { event: 'beat'; data: { head: string; time: string } }
  | { event: 'reset'; data: { reason: ResetReason; head: string } }
  | { event: 'bye'; data: { reason: string } }
);

/** The names a stream may carry, in the order of the contract. */
export const EVENT_NAMES = [
  'hello',
  'message',
  'conversation',
  'reminder',
  'device',
  'gone',
  'delta',
  'ready',
  'beat',
  'reset',
  'bye',
] as const satisfies readonly ServerEvent['event'][];

/** The same events as one JSON answer; with `reset` there are none, and the lists must be loaded again. */
export interface EventsAnswer {
  events: ServerEvent[];
  cursor: string;
  reset?: { reason: ResetReason; head: string };
}

export interface ChatAccepted {
  conversation: string;
  user_message: string;
  assistant_message: string;
  status: Status;
  cursor: string;
}

export interface MessagePage {
  messages: Message[];
  more: boolean;
  cursor: string;
}

export interface Problem {
  title: string;
  status: number;
  code: string;
  detail?: string;
  /** What the server's log calls the request. */
  request_id: string;
}

export interface FoundModel {
  url: string;
  name: string;
  models?: string[];
}

/** What answers messages now, and what the server found on the usual local ports. */
export interface ServerStatus {
  version: string;
  model: {
    kind: 'builtin' | 'openai' | (string & {});
    name?: string;
    url?: string;
    found?: FoundModel[];
    say: string;
  };
  /** What the owner has chosen, as a tag; without it each device speaks its own. */
  language?: string;
  conversations?: number;
  /** How phones come in, and what keeps them out. */
  phone?: { mode: string; problems: { code: string; say: string; cure?: string }[] };
}

export interface Device {
  id: string;
  name: string;
  /** User-Agent when it was paired. */
  agent?: string;
  /** To the hour. */
  last_seen?: string;
  created: string;
  /** True for the device that asks. */
  current?: boolean;
  /** Absent when it never asked for notifications. */
  push?: PushState;
  quiet?: DeviceQuiet;
  /** Pushes to it carry no text. */
  private?: boolean;
  /** Names of sources that don't push to it. */
  mutes?: string[];
}

export interface Token {
  id: string;
  name: string;
  scopes: string[];
  created: string;
  last_used?: string;
  /** An emoji. */
  icon?: string;
  /** Where its messages go that name no other place; else the inbox. */
  conversation?: string;
  /** 1 to 5; 0 or nothing is no limit. */
  max_priority?: number;
  /** Messages a minute; 0 or nothing is no limit of its own. */
  rate?: number;
  /** Hosts that buttons of its messages may call. */
  callbacks?: string[];
  muted_until?: string;
}

/** What can be changed of a token. */
export type TokenChange = Partial<
  Pick<Token, 'name' | 'icon' | 'conversation' | 'max_priority' | 'rate' | 'callbacks'> & {
    /** For how long from now, such as `1h`; `0` ends it. */
    mute: string;
  }
>;
