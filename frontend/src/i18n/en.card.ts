import type { Unit, WhenWords } from '../core/when';
import { first } from './first';

const units: Record<Unit, [string, string]> = {
  minute: ['min', 'min'],
  hour: ['h', 'h'],
  day: ['day', 'days'],
  week: ['week', 'weeks'],
  month: ['month', 'months'],
  year: ['year', 'years'],
};
const length = (n: number, unit: Unit) => `${n} ${units[unit][n === 1 ? 0 : 1]}`;

const when: WhenWords = {
  today: 'today',
  tomorrow: 'tomorrow',
  yesterday: 'yesterday',
  dayAt: (day, time) => `${day} ${time}`,
  ahead: (n, unit) => `in ${length(n, unit)}`,
  ago: (n, unit) => `${length(n, unit)} ago`,
  now: 'now',
};

/** The words of a reminder in the thread; those of the reminders screen are loaded with it. */
export const cardWords = {
  when,
  done: 'Done',
  doneAt: (when: string) => `Done ${when}`,
  snooze: 'Snooze',
  snoozes: {
    '10m': 'For 10 minutes',
    '1h': 'For an hour',
    tonight: 'Until tonight, 20:00',
    tomorrow: 'Until tomorrow, 09:00',
  },
  other: 'Another time …',
  snoozedUntil: (when: string) => `Snoozed until ${when}`,
  snoozed: 'Snoozed',
  dialog: {
    title: 'When should it come again?',
    label: 'When',
    placeholder: 'in 3 hours, tomorrow evening, Monday at 8',
    act: 'Snooze',
    cancel: 'Cancel',
  },
};

/** What a language must provide for a reminder in the thread. */
export type CardCatalog = typeof cardWords;

/** The words in use. */
export const tc: CardCatalog = first?.card ?? cardWords;
