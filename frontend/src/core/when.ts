import { clock, dayKey, daysBetween, formats, type Place } from './time';

const weekdayFormat = formats({ weekday: 'short' });
const dateFormat = formats({ weekday: 'short', day: 'numeric', month: 'short' });
const datedFormat = formats({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
const offsetFormat = formats({ timeZoneName: 'longOffset', hour: '2-digit' });
const cityFormat = formats({ timeZoneName: 'longGeneric', hour: '2-digit' });

/** The words for a moment near now. */
export interface WhenWords {
  today: string;
  tomorrow: string;
  yesterday: string;
  /** A day word or date with a clock time. */
  dayAt(day: string, time: string): string;
  /** A length of time ahead or behind. */
  ahead(n: number, unit: Unit): string;
  ago(n: number, unit: Unit): string;
  now: string;
}

export type Unit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

const SIZES: readonly [Unit, number][] = [
  ['year', 365 * 1440],
  ['month', 30 * 1440],
  ['week', 7 * 1440],
  ['day', 1440],
  ['hour', 60],
  ['minute', 1],
];

/** How far `instant` is from `now`, in the one unit that people would say; days are calendar days of `place`. */
export function distance(instant: number, now: number, words: WhenWords, place: Place = {}): string {
  const minutes = Math.round(Math.abs(instant - now) / 60_000);
  if (minutes < 1) return words.now;
  const say = instant > now ? words.ahead : words.ago;
  if (minutes < 90) return say(minutes, 'minute');
  if (minutes < 22 * 60) return say(Math.round(minutes / 60), 'hour');
  const days = Math.max(1, Math.abs(daysBetween(now, instant, place)));
  if (days < 14) return say(days, 'day');
  const [unit, size] = SIZES.find(([u, s]) => days * 1440 >= (u === 'week' ? 1 : 2) * s) ?? ['day', 1440];
  return say(Math.floor((days * 1440) / size), unit);
}

/** The day of an instant: today, tomorrow, yesterday, a weekday within six days, then a date. */
export function dayWords(instant: number, now: number, words: WhenWords, place: Place = {}): string {
  const ahead = daysBetween(now, instant, place);
  if (ahead === 0) return words.today;
  if (ahead === 1) return words.tomorrow;
  if (ahead === -1) return words.yesterday;
  if (ahead > 1 && ahead < 7) return weekdayFormat(place).format(instant);
  const sameYear = dayKey(instant, place).slice(0, 4) === dayKey(now, place).slice(0, 4);
  return (sameYear ? dateFormat : datedFormat)(place).format(instant);
}

/** Day and clock time of an instant: "today 18:00", "Mon 18:00", "Mon 14 Dec 18:00". */
export const whenWords = (instant: number, now: number, words: WhenWords, place: Place = {}): string =>
  words.dayAt(dayWords(instant, now, words, place), clock(instant, place));

/** Day with its date and clock time, whatever day it is: "Mon 23 Nov 18:00". */
export function dated(instant: number, now: number, words: WhenWords, place: Place = {}): string {
  const sameYear = dayKey(instant, place).slice(0, 4) === dayKey(now, place).slice(0, 4);
  return words.dayAt((sameYear ? dateFormat : datedFormat)(place).format(instant), clock(instant, place));
}

/** The IANA zone of this device. */
export const deviceZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Minutes that the wall clock of a zone is ahead of UTC at an instant. */
export function offsetAt(instant: number, place: Place = {}): number {
  const name = offsetFormat({ lang: 'en', zone: place.zone })
    .formatToParts(instant)
    .find((p) => p.type === 'timeZoneName')?.value;
  const [, sign, h, m] = /([+-])(\d+)(?::(\d+))?/.exec(name ?? '') ?? [];
  return sign ? (sign === '-' ? -1 : 1) * (Number(h) * 60 + Number(m ?? 0)) : 0;
}

/** `+01:00`, of minutes. */
export function offsetName(minutes: number): string {
  const abs = Math.abs(minutes);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${minutes < 0 ? '−' : '+'}${two(Math.floor(abs / 60))}:${two(abs % 60)}`;
}

/** True when the two names mean one zone, such as Asia/Calcutta and Asia/Kolkata. */
export function sameZone(a: string, b: string): boolean {
  if (a === b) return true;
  const name = (zone: string) => formats({})({ lang: 'en', zone }).resolvedOptions().timeZone;
  try {
    return name(a) === name(b);
  } catch {
    return false;
  }
}

/** True when this browser knows the zone. */
export function knownZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** What people call a zone: `New York time`, or the name itself where there is no better one. */
export function zoneName(zone: string, place: Place = {}): string {
  const generic = cityFormat({ lang: place.lang, zone })
    .formatToParts(0)
    .find((p) => p.type === 'timeZoneName')?.value;
  const city = zone.split('/').pop()?.replaceAll('_', ' ') ?? zone;
  return generic && /^UTC|^GMT/.test(zone) ? generic : city;
}

/** A moment at which the clocks of a zone are changed, by so many minutes. */
export interface ClockChange {
  at: number;
  by: number;
}

/** The first change of the clocks after `from` and up to `to`, to the minute; undefined when there is none. */
export function clockChange(from: number, to: number, place: Place = {}): ClockChange | undefined {
  const STEP = 7 * 86_400_000;
  for (let low = from; low < to; low += STEP) {
    let high = Math.min(low + STEP, to);
    const before = offsetAt(low, place);
    const by = offsetAt(high, place) - before;
    if (!by) continue;
    let start = low;
    while (high - start > 1_000) {
      const middle = Math.floor((start + high) / 2);
      if (offsetAt(middle, place) === before) start = middle;
      else high = middle;
    }
    return { at: Math.floor(high / 60_000) * 60_000, by };
  }
  return undefined;
}
