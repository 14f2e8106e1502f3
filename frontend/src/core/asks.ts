/** A question of a script. Without `expires` it waits for ever. */
export interface Ask {
  choices?: string[];
  /** Any text may be the answer. */
  text?: boolean;
  /** Counts when the time is up. */
  default?: string;
  expires?: string;
  state: 'open' | 'answered' | 'expired' | (string & {});
}

/** A button below a message: `open` leads to `url`, `http` has the server call an address that is not told. */
export interface Action {
  id: string;
  kind: 'open' | 'http' | (string & {});
  label: string;
  url?: string;
  state?: 'running' | 'done' | 'failed' | (string & {});
  detail?: string;
}

/** How long a call may be under way; one that a crash cut short says so for ever. */
const CALL = 30_000;

/** Whether the call behind a button is under way, as of `updated`, when the message last changed. */
export const isCalling = (a: Action, updated: string, now: number): boolean =>
  a.state === 'running' && now - Date.parse(updated) < CALL;

/** What is left of the time of a question, in the one unit that people would say. */
export function timeLeft(expires: string, now: number): { n: number; unit: 'seconds' | 'minutes' | 'hours' | 'days' } {
  const seconds = Math.max(0, Math.ceil((Date.parse(expires) - now) / 1000));
  if (seconds < 90) return { n: seconds, unit: 'seconds' };
  if (seconds < 90 * 60) return { n: Math.round(seconds / 60), unit: 'minutes' };
  if (seconds < 36 * 3600) return { n: Math.round(seconds / 3600), unit: 'hours' };
  return { n: Math.round(seconds / 86_400), unit: 'days' };
}
