/**
 * Character references that people and models really type. The full HTML table (2,231 names, 30 kB)
 * would cost more than the rest of the renderer; an unknown name stays as it was written.
 */
const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  shy: '\u00ad',
  copy: '©',
  reg: '®',
  trade: '™',
  deg: '°',
  plusmn: '±',
  times: '×',
  divide: '÷',
  minus: '−',
  ne: '≠',
  le: '≤',
  ge: '≥',
  asymp: '≈',
  infin: '∞',
  micro: 'µ',
  middot: '·',
  bull: '•',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  larr: '←',
  uarr: '↑',
  rarr: '→',
  darr: '↓',
  rArr: '⇒',
  euro: '€',
  pound: '£',
  yen: '¥',
  cent: '¢',
  sect: '§',
  para: '¶',
  frac12: '½',
  frac14: '¼',
  check: '✓',
  colon: ':',
  num: '#',
  lbrack: '[',
  rbrack: ']',
  vert: '|',
};

const reference = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-zA-Z][\da-zA-Z]{1,7}));/g;

/** Replaces character references by the characters they stand for (CommonMark 0.31, section 2.5). */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(reference, (whole: string, dec?: string, hex?: string, name?: string) => {
    if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole;
    return codePoint(dec !== undefined ? Number.parseInt(dec, 10) : Number.parseInt(hex ?? '0', 16));
  });
}

/** CommonMark asks for U+FFFD where a number names no character; surrogates and NUL are such numbers. */
function codePoint(n: number): string {
  const invalid = n === 0 || n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff);
  return invalid ? '\ufffd' : String.fromCodePoint(n);
}
