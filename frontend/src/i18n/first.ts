import type { Language } from '../core/language';
import type { Catalog } from './en';
import type { CardCatalog } from './en.card';
import type { FireCatalog } from './en.fire';
import type { StepCatalog } from './en.steps';
import { language } from './language';

/** What a language must provide for the first sight: the frame and the thread. */
export interface FirstWords {
  main: Catalog;
  steps: StepCatalog;
  card: CardCatalog;
  fire: FireCatalog;
}

// A pack imports nothing of the app: it would wait for the page, which waits for the pack.
const packs: Record<Exclude<Language, 'en'>, () => Promise<{ words: FirstWords }>> = {
  de: () => import('./de/first'),
  es: () => import('./es/first'),
};

/**
 * The words of another language than English, there before any part of the app reads its own. Undefined in
 * English, and where they could not be loaded.
 */
export const first: FirstWords | undefined =
  language === 'en'
    ? undefined
    : await packs[language]().then(
        ({ words }) => words,
        () => void (document.documentElement.lang = 'en'),
      );
