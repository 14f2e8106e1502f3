import type { Conversation } from '../core/protocol';
import { t } from './en';
import { language } from './language';

/** What the server calls the inbox as long as nobody has renamed it. */
const INBOX = 'Inbox';
/** How the title of a message begins in which a reminder speaks. */
const REMINDER = 'Reminder';

/** The name of a conversation as it is shown; `undefined` is one that has not begun. */
export function titleOf(c: Pick<Conversation, 'title' | 'inbox'> | undefined): string {
  if (c?.inbox && (!c.title || c.title === INBOX)) return t.inbox;
  return c?.title || t.untitled;
}

/** A title or the beginning of a message, with the word for a reminder in the language of the page. */
export function headOf(text: string): string {
  const [, due, rest] = /^Reminder(?:, was due ([^:]+:\d\d))?(:.*)?$/s.exec(text) ?? [];
  if (!text.startsWith(REMINDER) || (text !== REMINDER && !due && !rest)) return text;
  return (due ? t.message.wasDue(due) : t.message.from('reminder')) + (rest ?? '');
}

/** Who answers: in the server's words, which tell more and are English, or in the page's own. */
export function whoAnswers(model: { kind: string; name?: string; say: string }): string {
  if (language === 'en' && model.say) return model.say;
  return model.kind === 'builtin' ? t.empty.builtin : t.empty.model(model.name ?? model.kind);
}
