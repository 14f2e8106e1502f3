import type { Language } from '../core/language';
import type { BackupsCatalog } from './en.backups';
import type { BeginCatalog } from './en.begin';
import type { PhoneCatalog } from './en.phone';
import type { PushCatalog } from './en.push';
import type { ReminderCatalog } from './en.reminders';
import type { SetupCatalog } from './en.setup';
import type { SourcesCatalog } from './en.sources';
import type { StatusCatalog } from './en.status';
import type { TokensCatalog } from './en.tokens';
import { language } from './language';

/** What a language must provide for the screens that are loaded when they are opened. */
export interface OtherWords {
  backups: BackupsCatalog;
  begin: BeginCatalog;
  phone: PhoneCatalog;
  push: PushCatalog;
  reminders: ReminderCatalog;
  setup: SetupCatalog;
  sources: SourcesCatalog;
  status: StatusCatalog;
  tokens: TokensCatalog;
}

const packs: Record<Exclude<Language, 'en'>, () => Promise<{ words: OtherWords } | undefined>> = {
  de: () => import('./de/rest'),
  es: () => import('./es/rest'),
};

/** As with the words of the first sight; the first of the screens brings them. */
export const rest: OtherWords | undefined =
  language === 'en'
    ? undefined
    : // An import that fails ends with nothing where the page has heard of it (update.svelte.ts).
      await packs[language]()
        .then((pack) => pack?.words)
        .catch(() => undefined);
