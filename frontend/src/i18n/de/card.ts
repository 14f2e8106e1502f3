import type { Unit } from '../../core/when';
import type { CardCatalog } from '../en.card';

/** One; and several, as after “in” and “vor”. */
const units: Record<Unit, [string, string]> = {
  minute: ['Min.', 'Min.'],
  hour: ['Std.', 'Std.'],
  day: ['Tag', 'Tagen'],
  week: ['Woche', 'Wochen'],
  month: ['Monat', 'Monaten'],
  year: ['Jahr', 'Jahren'],
};
const length = (n: number, unit: Unit) => `${n} ${units[unit][n === 1 ? 0 : 1]}`;

/** A reminder in the thread. */
export const card: CardCatalog = {
  when: {
    today: 'heute',
    tomorrow: 'morgen',
    yesterday: 'gestern',
    dayAt: (day, time) => `${day} ${time}`,
    ahead: (n, unit) => `in ${length(n, unit)}`,
    ago: (n, unit) => `vor ${length(n, unit)}`,
    now: 'jetzt',
  },
  done: 'Erledigt',
  doneAt: (when) => `Erledigt ${when}`,
  snooze: 'Später',
  snoozes: {
    '10m': 'In 10 Minuten',
    '1h': 'In einer Stunde',
    tonight: 'Heute Abend, 20:00',
    tomorrow: 'Morgen früh, 09:00',
  },
  other: 'Andere Zeit …',
  snoozedUntil: (when) => `Kommt wieder: ${when}`,
  snoozed: 'Verschoben',
  dialog: {
    title: 'Wann soll es wiederkommen?',
    label: 'Wann',
    placeholder: 'in 3 Stunden, morgen Abend, Montag um 8',
    act: 'Verschieben',
    cancel: 'Abbrechen',
  },
};
