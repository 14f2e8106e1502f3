import type { AgendaItem } from './reminders';
import { dayKey, type Place } from './time';
import { offsetAt } from './when';

const DAY = 86_400_000;

/** A calendar day as `2026-11-22`, so many days later. */
export const addDays = (day: string, n: number): string =>
  new Date(Date.parse(`${day}T00:00Z`) + n * DAY).toISOString().slice(0, 10);

/** The first instant of a calendar day in a zone. Where midnight does not exist, the first minute that does. */
export function startOfDay(day: string, place: Place = {}): number {
  const wall = Date.parse(`${day}T00:00Z`);
  const guess = wall - offsetAt(wall, place) * 60_000;
  const exact = wall - offsetAt(guess, place) * 60_000;
  return dayKey(exact, place) < day ? guess : exact;
}

/** A month as `2026-11`, so many months later. */
export function addMonths(month: string, n: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + n;
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
}

/** The weeks that show a month whole, each of seven days; `first` is the day a week begins with, 1 for Monday. */
export function monthWeeks(month: string, first = 1): string[][] {
  const begin = `${month}-01`;
  const weekday = new Date(`${begin}T00:00Z`).getUTCDay() || 7;
  const weeks: string[][] = [];
  let day = addDays(begin, -((weekday - first + 7) % 7));
  do {
    weeks.push(Array.from({ length: 7 }, (_, i) => addDays(day, i)));
    day = addDays(day, 7);
  } while (day.startsWith(month));
  return weeks;
}

/** Where a week begins for the readers of a language, 1 for Monday. */
export function firstWeekday(lang: string): number {
  const locale = new Intl.Locale(lang) as Intl.Locale & {
    getWeekInfo?(): { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
}

/** One line of a day: an occurrence, or several of one reminder that would crowd the rest out. */
export interface DayLine extends AgendaItem {
  count: number;
  /** The last of several. */
  until: string;
}

/** So many of one reminder in a day are still told one by one. */
const SINGLE = 3;

/** The items by calendar day of `place`, each day in order, with frequent reminders folded into one line. */
export function byDay(items: readonly AgendaItem[], place: Place = {}): Map<string, DayLine[]> {
  const days = new Map<string, AgendaItem[]>();
  for (const item of items) {
    const key = dayKey(Date.parse(item.at), place);
    const list = days.get(key);
    if (list) list.push(item);
    else days.set(key, [item]);
  }
  return new Map([...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, list]) => [key, fold(list)]));
}

function fold(items: AgendaItem[]): DayLine[] {
  const counts = new Map<string, AgendaItem[]>();
  items.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  for (const item of items) counts.set(item.reminder, [...(counts.get(item.reminder) ?? []), item]);
  const lines: DayLine[] = [];
  for (const item of items) {
    const all = counts.get(item.reminder) ?? [];
    if (all.length <= SINGLE) lines.push({ ...item, count: 1, until: item.at });
    else if (all[0] === item) lines.push({ ...item, count: all.length, until: all.at(-1)?.at ?? item.at });
  }
  return lines;
}
