import type { FireCatalog } from '../en.fire';

/** What scripts send. */
export const fire: FireCatalog = {
  choices: 'Respuestas',
  own: 'Tu respuesta',
  send: 'Responder',
  left: {
    seconds: (n) => `quedan ${n} s`,
    minutes: (n) => `quedan ${n} min`,
    hours: (n) => `quedan ${n} h`,
    days: (n) => (n === 1 ? `queda ${n} día` : `quedan ${n} días`),
  },
  fallback: (answer) => `después, «${answer}»`,
  answered: (answer) => `Respondido: ${answer}`,
  by: (who, when) => (who ? `${who}, ${when}` : when),
  expired: 'Nadie respondió a tiempo.',
  expiredAs: (answer) => `Nadie respondió a tiempo: vale como «${answer}».`,
  late: (answer, who) => `Ya se había respondido «${answer}»${who ? `, en ${who}` : ''}.`,

  running: 'Llamando…',
  done: 'Hecho',
  failed: 'No funcionó',

  scheduled: 'Más tarde',
  scheduledFor: (text, when) => `Llegará ${when}: ${text}`,
  from: (who) => `de ${who}`,
  cancel: 'Cancelar',
  cancelled: (text) => `«${text}» no llegará.`,
};
