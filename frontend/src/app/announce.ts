import type { Change } from '../core/apply';
import { isRunning } from '../core/merge';
import { newlyAsked, toolName } from '../core/steps';
import { t } from '../i18n/en';
import { ts } from '../i18n/en.steps';

/** Long replies are read in the thread, not by the announcer. */
const SPOKEN = 280;
const STILL_EVERY = 7_000;

/** What the announcer needs to know of the page. */
export interface Audience {
  /** The open conversation. */
  open(): string | undefined;
  title(conversation: string): string;
  say(text: string): void;
}

/** What a step asks of the owner, in words. */
function asked(tool: string, status: string): string {
  const { name, server } = toolName(tool);
  const does = ts.does(tool, name, server);
  return status === 'unknown' ? ts.unsure(does) : ts.wants(does);
}

/**
 * Turns changes into few words: when a reply begins, that it goes on, and what it
 * said when it is done; for another conversation only that something came.
 */
export function announcer(audience: Audience): (changes: readonly Change[]) => void {
  let progress: ReturnType<typeof setInterval> | undefined;
  let following = '';
  const quiet = () => {
    clearInterval(progress);
    following = '';
  };
  return (changes) => {
    for (const c of changes) {
      if (c.kind !== 'message' || c.message.role !== 'assistant') continue;
      const m = c.message;
      const here = m.conversation === audience.open();
      if (here && m.status === 'streaming' && following !== m.id) {
        quiet();
        following = m.id;
        audience.say(t.announce.started);
        progress = setInterval(() => audience.say(t.announce.still), STILL_EVERY);
      }
      if (here) for (const step of newlyAsked(c.before?.steps, m.steps)) audience.say(asked(step.tool, step.status));
      // A record that was finished before we saw it is history, unless it has only just been made.
      const ended = !isRunning(m) && (c.before ? isRunning(c.before) : Date.now() - Date.parse(m.created) < 30_000);
      if (!ended) continue;
      if (m.id === following) quiet();
      if (!here) audience.say(t.announce.elsewhere(audience.title(m.conversation)));
      else if (m.status === 'error') audience.say(t.announce.failed);
      else audience.say(t.announce.said(m.text.slice(0, SPOKEN)));
    }
  };
}
