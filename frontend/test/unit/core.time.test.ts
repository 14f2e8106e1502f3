import { describe, expect, it } from 'vitest';
import { clock, dayKey, dayLabel, daysBetween, fullTime, listTime } from '../../src/core/time';

const words = { today: 'Today', yesterday: 'Yesterday' };
const lang = 'en-GB';
const now = Date.parse('2026-11-22T23:30:00Z');
const ago = (hours: number) => now - hours * 3_600_000;

describe('the day of an instant', () => {
  it('is that of the reader, on both sides of the date line', () => {
    expect(dayKey(now, { zone: 'UTC' })).toBe('2026-11-22');
    expect(dayKey(now, { zone: 'Europe/Berlin' })).toBe('2026-11-23');
    expect(dayKey(now, { zone: 'America/Los_Angeles' })).toBe('2026-11-22');
    expect(dayKey(now, { zone: 'Pacific/Kiritimati' })).toBe('2026-11-23');
  });

  it('is written in Latin digits of the common calendar whatever the language', () => {
    expect(dayKey(now, { zone: 'UTC', lang: 'ar-EG' })).toBe('2026-11-22');
    expect(dayKey(now, { zone: 'UTC', lang: 'fa-IR' })).toBe('2026-11-22');
  });

  it('is counted by the calendar, also over a day of 23 or 25 hours', () => {
    const zone = 'Europe/Berlin';
    expect(daysBetween(Date.parse('2026-03-28T12:00:00Z'), Date.parse('2026-03-29T11:00:00Z'), { zone })).toBe(1);
    expect(daysBetween(Date.parse('2026-10-24T21:30:00Z'), Date.parse('2026-10-25T23:30:00Z'), { zone })).toBe(2);
  });
});

describe('a day separator', () => {
  const label = (at: number, zone = 'UTC') => dayLabel(at, now, words, { zone, lang });

  it('says today, yesterday, a weekday, then a date with the year when it is another', () => {
    expect(label(ago(1))).toBe('Today');
    expect(label(ago(24))).toBe('Yesterday');
    expect(label(ago(72))).toBe('Thursday');
    expect(label(ago(24 * 10))).toBe('Thursday 12 November');
    expect(label(Date.parse('2025-12-24T12:00:00Z'))).toBe('24 December 2025');
  });

  it('depends on where the reader is', () => {
    expect(label(ago(2), 'UTC')).toBe('Today');
    expect(label(ago(2), 'Europe/Berlin')).toBe('Yesterday');
  });

  it('does not call a message of tomorrow (a clock that is off) a weekday', () => {
    expect(label(now + 86_400_000)).toBe('Monday 23 November');
  });
});

describe('the time of a list row', () => {
  const time = (at: number) => listTime(at, now, words, { zone: 'Asia/Kolkata', lang });

  it('grows coarser with age', () => {
    expect(time(now)).toBe('05:00');
    expect(time(ago(12))).toBe('Yesterday');
    expect(time(ago(80))).toBe('Thu');
    expect(time(ago(24 * 20))).toBe('3 Nov');
    expect(time(Date.parse('2024-02-29T12:00:00Z'))).toBe('29/02/24');
  });
});

it('a clock and a tooltip are in the zone of the reader, and the tooltip names it', () => {
  expect(clock(now, { zone: 'Asia/Kathmandu', lang })).toBe('05:15');
  expect(fullTime(now, { zone: 'Europe/Berlin', lang })).toContain('CET');
});
