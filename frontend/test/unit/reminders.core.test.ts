import { describe, expect, test } from 'vitest';
import { addMonths, byDay, monthWeeks, startOfDay } from '../../src/core/calendar';
import { comesAt, groupReminders, wordsOf, type Reminder } from '../../src/core/reminders';
import { clockChange, dated, distance, offsetAt, offsetName, sameZone, whenWords, zoneName } from '../../src/core/when';
import { tr as w } from '../../src/i18n/en.reminders';

const berlin = { zone: 'Europe/Berlin', lang: 'en-GB' };
const at = (iso: string) => Date.parse(iso);
const NOW = at('2026-11-22T16:00:00Z');

const reminder = (id: string, more: Partial<Reminder> = {}): Reminder => ({
  id,
  text: id,
  schedule: '0 9 * * *',
  zone: 'Europe/Berlin',
  state: 'active',
  kind: 'message',
  created: '2026-11-01T00:00:00Z',
  updated: '2026-11-01T00:00:00Z',
  ...more,
});

describe('when a reminder is heard', () => {
  test('a snooze that comes before the next regular time wins, and the other way round', () => {
    const r = reminder('a', { next: '2026-11-23T08:00:00Z', snoozed: '2026-11-22T16:10:00Z' });
    expect(comesAt(r)).toBe(at('2026-11-22T16:10:00Z'));
    expect(comesAt({ ...r, snoozed: '2026-11-24T00:00:00Z' })).toBe(at('2026-11-23T08:00:00Z'));
  });
  test('quiet hours put it off; a paused one is not heard', () => {
    const r = reminder('a', { next: '2026-11-22T23:00:00Z', held: '2026-11-23T06:00:00Z' });
    expect(comesAt(r)).toBe(at('2026-11-23T06:00:00Z'));
    expect(comesAt({ ...r, state: 'paused' })).toBeUndefined();
  });
  test('lists: soonest first, paused last, what repeats and waits for an answer among the next, newest done first', () => {
    const all = [
      reminder('later', { next: '2026-11-24T08:00:00Z' }),
      reminder('soon', { next: '2026-11-23T08:00:00Z' }),
      reminder('paused', { state: 'paused', next: '2026-11-22T17:00:00Z' }),
      reminder('daily', { recurring: true, next: '2026-11-23T08:00:00Z' }),
      reminder('snoozed', { recurring: true, next: '2026-11-23T08:00:00Z', snoozed: '2026-11-22T16:05:00Z' }),
      reminder('old', { state: 'done', updated: '2026-11-02T00:00:00Z' }),
      reminder('new', { state: 'done', updated: '2026-11-03T00:00:00Z' }),
    ];
    const ids = Object.entries(groupReminders(all)).map(([name, list]) => [name, ...list.map((r: Reminder) => r.id)]);
    expect(ids).toEqual([
      ['next', 'snoozed', 'soon', 'later', 'paused'],
      ['recurring', 'daily'],
      ['done', 'new', 'old'],
    ]);
  });
  test('the words to edit a schedule by are its sentence, or the schedule where the sentence quotes it', () => {
    expect(wordsOf(reminder('a', { say: 'Weekdays at 08:30 (Europe/Berlin), next Mon' }))).toBe('Weekdays at 08:30');
    expect(wordsOf(reminder('a', { say: 'By the cron line 5 4 1-7 * 2 (Europe/Berlin)' }))).toBe('0 9 * * *');
    expect(wordsOf(reminder('a'))).toBe('0 9 * * *');
  });
});

describe('time in words', () => {
  test.each([
    ['2026-11-22T16:00:20Z', 'now', 'today 17:00'],
    ['2026-11-22T16:30:00Z', 'in 30 min', 'today 17:30'],
    ['2026-11-22T18:00:00Z', 'in 2 h', 'today 19:00'],
    ['2026-11-23T08:00:00Z', 'in 16 h', 'tomorrow 09:00'],
    ['2026-11-26T08:00:00Z', 'in 4 days', 'Thu 09:00'],
    ['2026-12-14T08:00:00Z', 'in 3 weeks', 'Mon 14 Dec 09:00'],
    ['2027-06-14T07:00:00Z', 'in 6 months', 'Mon 14 Jun 2027 09:00'],
    ['2026-11-22T14:00:00Z', '2 h ago', 'today 15:00'],
    ['2026-11-21T14:00:00Z', '1 day ago', 'yesterday 15:00'],
  ])('%s is %s, %s', (iso, far, when) => {
    expect(distance(at(iso), NOW, w.when, berlin)).toBe(far);
    expect(whenWords(at(iso), NOW, w.when, berlin).replace(',', '')).toBe(when);
  });
  test('the zone of the reminder decides its day', () => {
    const instant = at('2026-11-23T02:30:00Z');
    expect(whenWords(instant, NOW, w.when, { ...berlin, zone: 'America/New_York' })).toBe('today 21:30');
    expect(dated(instant, NOW, w.when, berlin).replace(',', '')).toBe('Mon 23 Nov 03:30');
  });
  test('zones: aliases are one, names are for people, offsets have their minutes', () => {
    expect(sameZone('Asia/Calcutta', 'Asia/Kolkata')).toBe(true);
    expect(sameZone('Europe/Berlin', 'America/New_York')).toBe(false);
    expect(sameZone('Europe/Berlin', 'Nowhere/Else')).toBe(false);
    expect(zoneName('America/New_York')).toBe('New York');
    expect(offsetAt(NOW, { zone: 'Asia/Kathmandu' })).toBe(345);
    expect(offsetName(-570)).toBe('−09:30');
    expect(offsetAt(NOW, { zone: 'UTC' })).toBe(0);
  });
  test.each([
    ['Europe/Berlin', '2027-03-28T01:00:00Z', 60],
    ['America/New_York', '2027-03-14T07:00:00Z', 60],
    ['Australia/Lord_Howe', '2027-04-03T15:00:00Z', -30],
  ])('%s changes its clocks at %s', (zone, iso, by) => {
    expect(clockChange(NOW, at('2027-05-01T00:00:00Z'), { zone })).toEqual({ at: at(iso), by });
  });
  test('a zone without summer time changes nothing', () => {
    expect(clockChange(NOW, NOW + 400 * 86_400_000, { zone: 'Asia/Tokyo' })).toBeUndefined();
  });
});

describe('the calendar picture', () => {
  test('a month is whole weeks, by where the week begins', () => {
    const weeks = monthWeeks('2026-11', 1);
    expect([weeks.length, weeks[0]?.[0], weeks.at(-1)?.at(-1)]).toEqual([6, '2026-10-26', '2026-12-06']);
    expect(monthWeeks('2026-11', 7)[0]?.[0]).toBe('2026-11-01');
    expect(monthWeeks('2027-02', 1)).toHaveLength(4);
    expect([addMonths('2026-12', 1), addMonths('2026-01', -1)]).toEqual(['2027-01', '2025-12']);
  });
  test('a day begins at its own midnight, also where midnight is skipped', () => {
    expect(startOfDay('2026-11-22', berlin)).toBe(at('2026-11-21T23:00:00Z'));
    expect(startOfDay('2026-10-25', berlin)).toBe(at('2026-10-24T22:00:00Z'));
    expect(startOfDay('2026-10-26', berlin)).toBe(at('2026-10-25T23:00:00Z'));
    // Chile's clocks go from Saturday 24:00 to Sunday 01:00.
    expect(startOfDay('2026-09-06', { zone: 'America/Santiago' })).toBe(at('2026-09-06T04:00:00Z'));
  });
  test('what is frequent becomes one line of its day', () => {
    const items = ['09:00', '11:00', '13:00', '15:00'].map((t) => ({
      reminder: 'r',
      at: `2026-11-23T${t}:00Z`,
      text: 'stretch',
    }));
    items.push({ reminder: 's', at: '2026-11-23T10:00:00Z', text: 'call' });
    const day = byDay(items, { zone: 'UTC' }).get('2026-11-23') ?? [];
    expect(day.map((l) => [l.text, l.count, l.until.slice(11, 16)])).toEqual([
      ['stretch', 4, '15:00'],
      ['call', 1, '10:00'],
    ]);
  });
});
