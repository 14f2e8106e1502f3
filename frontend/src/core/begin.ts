/** What a new Hark asks its owner, in this order. */
export const steps = ['you', 'model', 'phone', 'notifications', 'reminder'] as const;
export type Step = (typeof steps)[number];

/** How far the owner has come, as the server keeps it. */
export interface Begun {
  /** Steps that were answered or skipped. */
  seen?: string[];
  done?: boolean;
}

/** The first step that was neither answered nor skipped; undefined when there is none. */
export const stepToAsk = (begun: Begun): Step | undefined => steps.find((step) => !begun.seen?.includes(step));

/** The languages that answers can be asked for, by tag. Models know more; these are the ones worth a line. */
export const languages = ['de', 'en', 'es', 'fr', 'it', 'nl', 'pl', 'pt', 'tr', 'uk', 'ja', 'zh'] as const;

/** A language as those who speak it call it. */
export function ownName(tag: string): string {
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}
