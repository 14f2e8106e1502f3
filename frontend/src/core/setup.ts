import type { Begun } from './begin';

/** A model that was set up. Its key never comes back from the server. */
export interface ModelSetup {
  id: string;
  name: string;
  kind: 'openai' | 'anthropic' | (string & {});
  /** Empty: the provider itself. */
  url: string;
  /** What its server calls it. */
  model: string;
  key_set: boolean;
}

/** A model as it is saved or tried; without `key` the old one stays, as long as kind and address do. */
export type ModelInput = Omit<ModelSetup, 'key_set'> & { key?: string };

/** What a short question to a model has come to. */
export type Trial =
  | { ok: true; model: string; text: string; ms: number; input: number; output: number }
  | { ok: false; code: string; detail: string };

/** The part of the settings that is about models and what they may do, and about the owner. */
export interface Setup {
  /** What the owner is called. */
  name?: string;
  /** Of answers, as a tag; without it that of each message. */
  language?: string;
  /** How far setting up has come. */
  setup?: Begun;
  models: ModelSetup[];
  /** Id of the model that answers where none was chosen. */
  default?: string;
  /** A model was set from outside; it answers in place of the default. */
  from_env: boolean;
  using: { kind: string; name?: string; url?: string; say: string; found?: FoundServer[] };
  /** Tokens a day for replies that nobody waits for; 0 is no limit. */
  budget: number;
  /** Tools that need not ask, by name. */
  allowed?: string[];
}

/** A model server on the same machine. */
export interface FoundServer {
  name: string;
  url: string;
  models?: string[];
}

export interface Tool {
  name: string;
  description: string;
  replay: 'read_only' | 'idempotent' | 'once' | (string & {});
  external: boolean;
  allowed: boolean;
}

/** A server that brings tools. */
export interface ToolServer {
  name: string;
  transport: string;
  state: 'starting' | 'ready' | 'failed' | 'disabled' | (string & {});
  since: string;
  detail?: string;
  /** The last that it wrote beside the protocol. */
  stderr?: string;
  retry?: string;
  version?: string;
  tools?: string[];
}

/** Something that the assistant keeps in mind. `by` is the reply in which it was learnt. */
export interface Fact {
  id: string;
  text: string;
  by?: string;
  created: string;
  updated: string;
}

export interface DayUsage {
  /** 2006-01-02, on the server's clock. */
  day: string;
  source: 'chat' | 'fire' | 'reminder' | (string & {});
  turns?: number;
  calls: number;
  input: number;
  output: number;
  ms: number;
}

export interface UsageAnswer {
  today: string;
  days: DayUsage[];
  budget: number;
  budget_used: number;
}

/** Tokens of one day: in answer to the owner, and by itself. */
export interface DayTokens {
  day: string;
  chat: number;
  alone: number;
  turns: number;
}

/** The last `count` days up to `today`, oldest first, with a row for days without anything. */
export function tokensByDay(list: readonly DayUsage[], today: string, count: number): DayTokens[] {
  const end = Date.parse(today);
  const days = Array.from({ length: count }, (_, i): DayTokens => {
    const day = new Date(end - (count - 1 - i) * 86_400_000).toISOString().slice(0, 10);
    return { day, chat: 0, alone: 0, turns: 0 };
  });
  const byDay = new Map(days.map((d) => [d.day, d]));
  for (const u of list) {
    const day = byDay.get(u.day);
    if (!day) continue;
    day[u.source === 'chat' ? 'chat' : 'alone'] += u.input + u.output;
    day.turns += u.turns ?? 0;
  }
  return days;
}

/** True when a changed model has to show that it answers: its name alone may change without. */
export function needsTrial(before: ModelSetup | undefined, now: ModelInput): boolean {
  return (
    !before ||
    before.kind !== now.kind ||
    before.url !== now.url.trim() ||
    before.model !== now.model.trim() ||
    now.key !== undefined
  );
}
