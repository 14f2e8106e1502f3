import type { FireCatalog } from '../en.fire';

/** What scripts send. */
export const fire: FireCatalog = {
  choices: 'Antworten',
  own: 'Deine Antwort',
  send: 'Antworten',
  left: {
    seconds: (n) => `noch ${n} s`,
    minutes: (n) => `noch ${n} Min.`,
    hours: (n) => `noch ${n} Std.`,
    days: (n) => `noch ${n} ${n === 1 ? 'Tag' : 'Tage'}`,
  },
  fallback: (answer) => `dann „${answer}“`,
  answered: (answer) => `Beantwortet: ${answer}`,
  by: (who, when) => (who ? `${who}, ${when}` : when),
  expired: 'Niemand hat rechtzeitig geantwortet.',
  expiredAs: (answer) => `Niemand hat rechtzeitig geantwortet: gilt als „${answer}“.`,
  late: (answer, who) => `„${answer}“ wurde schon vorher geantwortet${who ? `, auf ${who}` : ''}.`,

  running: 'Wird aufgerufen …',
  done: 'Erledigt',
  failed: 'Hat nicht geklappt',

  scheduled: 'Später',
  scheduledFor: (text, when) => `Kommt ${when}: ${text}`,
  from: (who) => `von ${who}`,
  cancel: 'Abbrechen',
  cancelled: (text) => `„${text}“ wird nicht kommen.`,
};
