import type { ServerStatus } from './protocol';
import { decimals } from './time';

/** Who listens to what happens. */
export interface Connection {
  name: string;
  kind: 'device' | 'token' | (string & {});
  id: string;
  lines: number;
  since: string;
  /** The last heartbeat that went out. */
  beat?: string;
  /** A page of it is being looked at. */
  sight: boolean;
}

/** The whole answer of GET /api/status. */
export interface Vitals extends ServerStatus {
  started: string;
  url: string;
  streams: number;
  storage: { bytes: number; free_bytes?: number; nearly_full: boolean };
  turns: { running: number; queued: number; waiting: number };
  push: { devices: number; queued: number; day: Partial<Record<string, number>> };
  reminders: { next?: string; lag_ms: number };
  /** Servers that bring tools, by state. */
  tools: Partial<Record<string, number>>;
  connections?: Connection[];
}

/** The answer of GET /api/backups, as far as it is shown here. */
export interface Copies {
  backups: { made: string; bytes: number }[];
  next?: string;
  problem?: string;
}

/** The pushes of a day, from the owner's side. */
export interface Pushed {
  /** On a screen, or not needed because the page had it. */
  reached: number;
  /** Taken by the push service; nothing was heard since. */
  taken: number;
  /** Still to be sent. */
  open: number;
  failed: number;
}

export function pushed(day: Vitals['push']['day']): Pushed {
  const of = (...states: string[]) => states.reduce((sum, s) => sum + (day[s] ?? 0), 0);
  return {
    reached: of('shown', 'seen', 'acted', 'withheld'),
    taken: of('accepted'),
    open: of('queued'),
    failed: of('failed'),
  };
}

/** What an owner should look at; the most pressing first. */
export type Concern = 'disk' | 'lag' | 'push' | 'tools' | 'backup' | 'model';

/** A reminder that waits for longer is late. */
const LATE_MS = 60_000;
/** Backups are made daily; a machine may have slept for a night. */
const BACKUP_MS = 3 * 86_400_000;

export function concerns(v: Vitals, copies: Copies | undefined, now: number): Concern[] {
  const { failed, reached, taken } = pushed(v.push.day);
  const last = copies?.backups[0];
  const young = now - Date.parse(v.started) < BACKUP_MS;
  const overdue = !!copies?.next && (last ? now - Date.parse(last.made) > BACKUP_MS : !young);
  const found: [Concern, boolean][] = [
    ['disk', v.storage.nearly_full],
    ['lag', v.reminders.lag_ms > LATE_MS],
    ['push', failed > 0 && failed * 5 >= failed + reached + taken],
    ['tools', (v.tools.failed ?? 0) > 0],
    ['backup', !!copies?.problem || overdue],
    ['model', v.model.kind === 'builtin'],
  ];
  return found.filter(([, is]) => is).map(([name]) => name);
}

/** A size as people say it: three digits at most, in steps of a thousand. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let n = bytes;
  let at = 0;
  while (n >= 999.5 && at < units.length - 1) {
    n /= 1000;
    at++;
  }
  return `${decimals(n, at && n < 9.95 ? 1 : 0)} ${units[at]}`;
}

/** A length of time in its one or two largest units. */
export function span(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (d) return h ? `${d} d ${h} h` : `${d} d`;
  if (h) return m ? `${h} h ${m} min` : `${h} h`;
  return m ? `${m} min` : `${Math.floor(Math.max(0, ms) / 1000)} s`;
}
