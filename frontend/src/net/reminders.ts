import type { AgendaItem, Occurrence, Reading, Reminder, ReminderInput, ReminderSettings } from '../core/reminders';
import { call } from './api';

const one = (id: string) => `/api/reminders/${encodeURIComponent(id)}`;

/** A reminder with its next instants, at most five. */
export type WithUpcoming = Reminder & { upcoming?: string[] };

/** What can be done with a reminder in one word. */
export type ReminderAct = 'done' | 'skip' | 'pause' | 'resume' | 'run';

/** What an import did; `why` is a sentence for people. */
export interface Imported {
  imported: Reminder[];
  skipped: { summary: string; why: string }[];
}

/** Every call about reminders. All throw ApiError. */
export const reminderApi = {
  list: () => call<{ reminders: Reminder[]; cursor: string }>('GET', '/api/reminders'),
  /** Messages of scripts that are still to come. */
  coming: () => call<{ reminders: Reminder[] }>('GET', '/api/reminders?kind=fire'),
  create: (body: ReminderInput, key: string) => call<WithUpcoming>('POST', '/api/reminders', { body, key }),
  get: (id: string) => call<WithUpcoming>('GET', one(id)),
  change: (id: string, body: ReminderInput) => call<WithUpcoming>('PATCH', one(id), { body }),
  delete: (id: string) => call<void>('DELETE', one(id)),
  act: (id: string, act: ReminderAct) => call<Reminder>('POST', `${one(id)}/${act}`),
  /** `time` is 10m, 1h, tonight, tomorrow or any phrase, read in `zone`. */
  snooze: (id: string, time: string, zone: string) =>
    call<Reminder>('POST', `${one(id)}/snooze`, { body: { for: time, zone } }),
  /** Occurrences before the one of local time `before`, newest first. */
  occurrences: (id: string, before?: string) =>
    call<{ occurrences: Occurrence[]; more: boolean }>(
      'GET',
      `${one(id)}/occurrences?limit=30${before ? `&before=${encodeURIComponent(before)}` : ''}`,
    ),
  /** What comes from `from` on and before `to` (milliseconds), at most 62 days. */
  agenda: (from: number, to: number, signal?: AbortSignal) =>
    call<{ items: AgendaItem[]; more?: boolean }>(
      'GET',
      `/api/reminders/agenda?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`,
      { signal },
    ),
  /** How a phrase is understood. A 422 may bring `choices` in its problem. */
  preview: (phrase: string, zone: string, signal?: AbortSignal) =>
    call<Reading>('POST', '/api/reminders/preview', { body: { phrase, zone }, signal }),

  /** Where a message is. */
  conversationOf: (message: string) =>
    call<{ conversation: string }>('GET', `/api/messages/${encodeURIComponent(message)}`).then((m) => m.conversation),

  import: (calendar: string) =>
    call<Imported>('POST', '/api/reminders/import', { body: calendar, type: 'text/calendar; charset=utf-8' }),
  exportUrl: '/api/reminders/export.ics',
  /** A new calendar address of this device; an earlier one stops working. */
  feed: () => call<{ url: string }>('POST', '/api/reminders/feed'),
  revokeFeed: () => call<void>('DELETE', '/api/reminders/feed'),

  settings: () => call<ReminderSettings>('GET', '/api/settings'),
  // The answer of `settings` holds more than this, which must not be sent back: it may have changed since.
  saveSettings: ({ zone, quiet }: ReminderSettings) =>
    call<ReminderSettings | undefined>('PUT', '/api/settings', { body: { zone, quiet } }),
};
