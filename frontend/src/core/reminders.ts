import type { Message } from './protocol';

/** What became of one occurrence of a reminder. Others may arrive from a newer server. */
export type Outcome = 'fired' | 'late' | 'missed' | 'snoozed' | 'done' | 'skipped' | 'failed' | (string & {});

/** What a firing does when Hark was not running at its time. */
export type Misfire = 'late' | 'once' | 'skip';

/** A reminder as the server tells it. Instants are RFC 3339 in UTC; `schedule` is read in `zone`. */
export interface Reminder {
  id: string;
  text: string;
  schedule: string;
  zone: string;
  /** The next regular occurrence. */
  next?: string;
  state: 'active' | 'paused' | 'done';
  /** `message` says the text; `prompt` gives it to the assistant and posts what it answers; `fire` is a script's. */
  kind: 'message' | 'prompt' | 'fire';
  /** Of a `fire`: the message as it will be. */
  post?: Message;
  misfire?: Misfire;
  grace_s?: number;
  nag?: Nag;
  conversation?: string;
  /** 1 to 5; absent is 3. From 4 on it passes quiet hours. */
  priority?: number;
  /** The schedule as a sentence, with its zone in brackets at the end. */
  say?: string;
  recurring?: boolean;
  /** When the last occurrence comes again. */
  snoozed?: string;
  /** An occurrence that repeats until it is done: `left` more times, next `at`. */
  nagging?: { message: string; due: string; left: number; at: string };
  last?: Occurrence;
  failures?: number;
  /** Quiet hours have put off the next occurrence to this instant. */
  held?: string;
  created: string;
  updated: string;
}

export interface Nag {
  every_s: number;
  max: number;
}

export interface Occurrence {
  due: string;
  /** When it came, or was done. */
  at: string;
  state: Outcome;
  message?: string;
  /** The local time it belongs to, as `2026-11-23T09:00:00`. */
  wall?: string;
}

export interface AgendaItem {
  /** Id of the reminder. */
  reminder: string;
  at: string;
  text: string;
  priority?: number;
  paused?: boolean;
}

/** A phrase as it was understood: text, schedule and the next instants, at most five. */
export interface Reading {
  text: string;
  schedule: string;
  zone: string;
  next: string[];
  say: string;
}

/** One of several readings; with a `phrase` to ask again by, or complete. */
export type Choice = { say: string; phrase?: string } & Partial<Reading>;

/** What the owner has settled for all reminders. */
export interface ReminderSettings {
  /** Where the owner is now. */
  zone?: string;
  quiet: { on: boolean; from: string; to: string };
}

/** Fields that a reminder may be made from or changed to. */
export interface ReminderInput {
  phrase?: string;
  text?: string;
  schedule?: string;
  zone?: string;
  kind?: Reminder['kind'];
  priority?: number;
  nag?: Nag | null;
  misfire?: Misfire;
  grace_s?: number;
  conversation?: string;
}

const at = (instant: string | undefined) => (instant ? Date.parse(instant) : Infinity);

/** When the reminder is heard next (milliseconds), whatever makes it so; undefined when it is not. */
export function comesAt(r: Reminder): number | undefined {
  if (r.state !== 'active') return undefined;
  const regular = Math.max(at(r.next), r.held ? at(r.held) : -Infinity);
  const first = Math.min(regular, at(r.snoozed), at(r.nagging?.at));
  return Number.isFinite(first) ? first : undefined;
}

/** True when the last occurrence has been told, or was missed, and nobody has answered. */
export const awaited = (r: Reminder): boolean =>
  r.last !== undefined && r.last.state !== 'done' && r.last.state !== 'skipped';

export interface Groups {
  next: Reminder[];
  recurring: Reminder[];
  done: Reminder[];
}

/**
 * The reminders as three lists: what comes once and what has come and waits for an answer, what repeats, and what is
 * over. The first two begin with what is heard soonest and end with what is paused; the last with the newest.
 */
export function groupReminders(all: Iterable<Reminder>): Groups {
  const groups: Groups = { next: [], recurring: [], done: [] };
  for (const r of all) {
    const waits = r.state === 'active' && (r.snoozed !== undefined || r.nagging !== undefined);
    const over = r.state === 'done' && !waits;
    groups[over ? 'done' : r.recurring && !waits ? 'recurring' : 'next'].push(r);
  }
  const ahead = (a: Reminder, b: Reminder) => {
    const [x, y] = [comesAt(a) ?? Infinity, comesAt(b) ?? Infinity];
    return x === y ? (a.id < b.id ? -1 : 1) : x - y;
  };
  groups.next.sort(ahead);
  groups.recurring.sort(ahead);
  groups.done.sort((a, b) => at(b.last?.at ?? b.updated) - at(a.last?.at ?? a.updated));
  return groups;
}

/** What a reminder is made from again, after it was deleted. */
export function remade(r: Reminder): ReminderInput {
  const { text, schedule, zone, kind, priority, nag, misfire, grace_s, conversation } = r;
  return { text, schedule, zone, kind, priority, nag, misfire, grace_s, conversation };
}

/**
 * The schedule as words to change: the sentence without its zone, which the server reads back, or the schedule itself
 * where the sentence only quotes it.
 */
export function wordsOf(r: Reminder): string {
  const said = (r.say ?? '').replace(/ \([^()]*\).*$/, '');
  return !said || /^By the |^Never/.test(said) ? r.schedule : said;
}
