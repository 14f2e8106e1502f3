/** The letters from Arabic to Myanmar, whose shape depends on their neighbours. */
const joins = String.raw`(?:(?=[\u0600-\u109f])[\p{L}\p{M}])`;
/** What belongs to an emoji or joins the letters of a script that needs it; or else what nobody sees. */
const unseen = new RegExp(
  [
    String.raw`(?<=\p{So})\ufe0f`,
    String.raw`(?<=[\p{So}\p{Sk}\ufe0f])\u200d(?=\p{So})`,
    String.raw`(?<=${joins})[\u200c\u200d](?=${joins})`,
    String.raw`((?![\n\t])[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cc}\ufff9-\ufffb])`,
  ].join('|'),
  'gu',
);

/**
 * A text with every character written out that shows nothing by itself, or changes how the others show: the
 * mark that turns letters round becomes `⟨U+202E⟩`. Line ends and tabs stay. A person decides by what they read.
 */
export function visible(text: string): string {
  return text.replace(unseen, (found, hidden: string | undefined) => {
    if (hidden === undefined) return found;
    return `⟨U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}
