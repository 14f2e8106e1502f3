import { languageOf, localeOf, type Language } from '../core/language';
import { writeIn } from '../core/time';
import { LANGUAGE, read, write } from '../store/prefs.svelte';

const chosen = read(LANGUAGE) ?? '';

/** The language of this page, until it is loaded again. */
export const language: Language = languageOf(chosen, navigator.languages);

/** The BCP 47 tag by which this page writes dates and numbers. */
export const locale = localeOf(language, chosen, navigator.languages);

writeIn(locale);
document.documentElement.lang = language;

/**
 * Takes over the language that the owner has chosen, a BCP 47 tag; empty is the device's own. When the page speaks
 * another one it is loaded again; what is being written is kept as a draft.
 */
export function speak(tag: string): void {
  // Another tab may have kept it already; this page still speaks as it was loaded.
  if (tag !== (read(LANGUAGE) ?? '')) write(LANGUAGE, tag);
  // Where nothing can be kept the next page would not know it either, and load again for ever.
  if ((read(LANGUAGE) ?? '') === tag && languageOf(tag, navigator.languages) !== language) location.reload();
}
