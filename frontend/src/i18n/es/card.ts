import type { Unit } from '../../core/when';
import type { CardCatalog } from '../en.card';

const units: Record<Unit, [string, string]> = {
  minute: ['min', 'min'],
  hour: ['h', 'h'],
  day: ['día', 'días'],
  week: ['semana', 'semanas'],
  month: ['mes', 'meses'],
  year: ['año', 'años'],
};
const length = (n: number, unit: Unit) => `${n} ${units[unit][n === 1 ? 0 : 1]}`;

/** A reminder in the thread. */
export const card: CardCatalog = {
  when: {
    today: 'hoy',
    tomorrow: 'mañana',
    yesterday: 'ayer',
    dayAt: (day, time) => `${day} ${time}`,
    ahead: (n, unit) => `en ${length(n, unit)}`,
    ago: (n, unit) => `hace ${length(n, unit)}`,
    now: 'ahora',
  },
  done: 'Hecho',
  doneAt: (when) => `Hecho ${when}`,
  snooze: 'Posponer',
  snoozes: {
    '10m': '10 minutos',
    '1h': 'Una hora',
    tonight: 'Hasta esta noche, 20:00',
    tomorrow: 'Hasta mañana, 09:00',
  },
  other: 'Otra hora…',
  snoozedUntil: (when) => `Pospuesto: ${when}`,
  snoozed: 'Pospuesto',
  dialog: {
    title: '¿Cuándo debe volver?',
    label: 'Cuándo',
    placeholder: 'en 3 horas, mañana por la tarde, el lunes a las 8',
    act: 'Posponer',
    cancel: 'Cancelar',
  },
};
