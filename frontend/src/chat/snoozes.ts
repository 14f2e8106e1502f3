import { tc } from '../i18n/en.card';

/** The server reads tonight as 20:00. */
const EVENING = 20;

/** The usual times to snooze until, as the server reads them, with their words; without an evening that has begun. */
export const snoozesAt = (now: Date): [time: string, say: string][] =>
  Object.entries(tc.snoozes).filter(([time]) => time !== 'tonight' || now.getHours() < EVENING);
