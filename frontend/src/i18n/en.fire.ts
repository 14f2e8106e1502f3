import { first } from './first';

/** The words of questions, buttons and messages to come; loaded with the first message that needs them. */
export const fireWords = {
  choices: 'Answers',
  own: 'Your answer',
  send: 'Answer',
  left: {
    seconds: (n: number) => `${n} s left`,
    minutes: (n: number) => `${n} min left`,
    hours: (n: number) => `${n} h left`,
    days: (n: number) => `${n} days left`,
  },
  fallback: (answer: string) => `then “${answer}”`,
  answered: (answer: string) => `Answered: ${answer}`,
  by: (who: string, when: string) => (who ? `${who}, ${when}` : when),
  expired: 'Nobody answered in time.',
  expiredAs: (answer: string) => `Nobody answered in time: taken as “${answer}”.`,
  late: (answer: string, who: string) => `“${answer}” was answered before${who ? `, on ${who}` : ''}.`,

  running: 'Calling …',
  done: 'Done',
  failed: 'Did not work',

  scheduled: 'Later',
  scheduledFor: (text: string, when: string) => `To come ${when}: ${text}`,
  from: (who: string) => `from ${who}`,
  cancel: 'Cancel',
  cancelled: (text: string) => `“${text}” will not come.`,
};

/** What a language must provide for what scripts send. */
export type FireCatalog = typeof fireWords;

/** The words in use. */
export const tf: FireCatalog = first?.fire ?? fireWords;
