/** Where and how the reader reads: an IANA zone and a BCP 47 language; those of the page when left out. */
export interface Place {
  zone?: string;
  lang?: string;
}

let own: string | undefined;

/** Sets the language of dates and numbers where none is asked for, for the whole page, before any is written. */
export const writeIn = (lang: string): void => void (own = lang);

/** A number with so many digits behind the point, or what the language has for a point. */
export const decimals = (n: number, digits: number): string =>
  n.toLocaleString(own, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** A maker of formatters that keeps those it made. */
export const formats = (options: Intl.DateTimeFormatOptions) => {
  // Making a formatter costs a hundred times more than using it, and a list has hundreds of times.
  const made = new Map<string, Intl.DateTimeFormat>();
  return (place: Place) => {
    const key = `${place.lang ?? ''}|${place.zone ?? ''}`;
    let f = made.get(key);
    if (!f) made.set(key, (f = new Intl.DateTimeFormat(place.lang ?? own, { ...options, timeZone: place.zone })));
    return f;
  };
};

const clockFormat = formats({ hour: '2-digit', minute: '2-digit' });
const weekdayFormat = formats({ weekday: 'long' });
const shortWeekdayFormat = formats({ weekday: 'short' });
const dayFormat = formats({ weekday: 'long', day: 'numeric', month: 'long' });
const dayYearFormat = formats({ day: 'numeric', month: 'long', year: 'numeric' });
const shortDayFormat = formats({ day: 'numeric', month: 'short' });
const numericFormat = formats({ day: '2-digit', month: '2-digit', year: '2-digit' });
const fullFormat = formats({ dateStyle: 'full', timeStyle: 'long' });
const partsFormat = formats({
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  calendar: 'gregory',
  numberingSystem: 'latn',
});

/** The calendar day at an instant, as `2026-11-22`, in the reader's zone. */
export function dayKey(instant: number, place: Place = {}): string {
  const parts = partsFormat(place).formatToParts(instant);
  const get = (type: string) => parts.find((p) => p.type === type)?.value ?? '';
  return `${get('year')}-${get('month')}-${get('day')}`;
}

/** Whole calendar days from `a` to `b`, whatever the clocks did in between. */
export function daysBetween(a: number, b: number, place: Place = {}): number {
  return Math.round((Date.parse(dayKey(b, place)) - Date.parse(dayKey(a, place))) / 86_400_000);
}

/** `14:05`, or as the language writes it. */
export const clock = (instant: number, place: Place = {}): string => clockFormat(place).format(instant);

/** Everything about an instant, with its zone, for a tooltip. */
export const fullTime = (instant: number, place: Place = {}): string => fullFormat(place).format(instant);

/** The words that the day labels need. */
export interface DayWords {
  today: string;
  yesterday: string;
}

/** A day separator: Today, Yesterday, a weekday within the week, then a date. */
export function dayLabel(instant: number, now: number, words: DayWords, place: Place = {}): string {
  const ago = daysBetween(instant, now, place);
  if (ago === 0) return words.today;
  if (ago === 1) return words.yesterday;
  if (ago > 1 && ago < 7) return weekdayFormat(place).format(instant);
  const sameYear = dayKey(instant, place).slice(0, 4) === dayKey(now, place).slice(0, 4);
  return (sameYear ? dayFormat : dayYearFormat)(place).format(instant);
}

/** The short time of a list row: a clock today, a weekday this week, then a date. */
export function listTime(instant: number, now: number, words: DayWords, place: Place = {}): string {
  const ago = daysBetween(instant, now, place);
  if (ago === 0) return clock(instant, place);
  if (ago === 1) return words.yesterday;
  if (ago > 1 && ago < 7) return shortWeekdayFormat(place).format(instant);
  const sameYear = dayKey(instant, place).slice(0, 4) === dayKey(now, place).slice(0, 4);
  return (sameYear ? shortDayFormat : numericFormat)(place).format(instant);
}
