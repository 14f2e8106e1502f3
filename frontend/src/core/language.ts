/** The languages that the app speaks; the first is the one that stands in for all others. */
export const spoken = ['en', 'de', 'es'] as const;
export type Language = (typeof spoken)[number];

const known = (tag: string): Language | undefined => {
  const base = tag.toLowerCase().split('-')[0];
  return spoken.find((language) => language === base);
};

/**
 * The language that the app speaks: the one that its owner chose, else the first of the device's that it knows.
 * Where it does not know the owner's, or any, it is English. Both are BCP 47 tags; `chosen` may be empty.
 */
export function languageOf(chosen: string, device: readonly string[]): Language {
  if (chosen) return known(chosen) ?? spoken[0];
  return device.map(known).find((language) => language !== undefined) ?? spoken[0];
}

/** How dates and numbers are written in a language: as the owner's or the device's region does, where that is known. */
export function localeOf(language: Language, chosen: string, device: readonly string[]): string {
  const regional = [chosen, ...device].find((tag) => tag.includes('-') && known(tag) === language);
  const plain = device.find((tag) => known(tag) === language);
  // Without a word of the device's about it, English is that of most of the world: 24 hours, day before month.
  return regional ?? plain ?? (language === 'en' ? 'en-GB' : language);
}
