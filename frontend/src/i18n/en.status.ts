import type { Concern } from '../core/status';
import { rest } from './rest';

const plural = new Intl.PluralRules('en');
const count = (n: number, one: string, other: string) => `${n} ${plural.select(n) === 'one' ? one : other}`;

const concerns: Record<Concern, string> = {
  disk: 'The disk is nearly full. Nothing new is kept until there is room.',
  lag: 'Reminders come late. Restart Hark if this stays.',
  push: 'Many notifications of today did not arrive. The push doctor says why.',
  tools: 'A tool server does not work. The settings say which.',
  backup: 'There is no recent backup.',
  model: 'No model is connected, so only simple things are answered.',
};

/** The words of the status screen. */
export const statusWords = {
  title: 'Status',
  open: 'Show',
  openSay: 'How Hark does: who listens, what waits, notifications of today, disk.',
  failed: 'Hark does not say how it does. It may be stopped, or the line is down.',
  well: 'All is well',
  unwell: (n: number) => count(n, 'thing needs a look', 'things need a look'),
  concerns,
  now: 'Now',
  running: 'Replies being written',
  queued: 'Waiting for their turn',
  waiting: 'Waiting for you',
  reminders: 'Reminders',
  onTime: 'On time',
  behind: (by: string) => `Behind by ${by}`,
  next: (when: string) => `Next: ${when}`,
  noNext: 'None is coming',
  tools: 'Tool servers',
  toolsSay: (ready: number, all: number) => `${ready} of ${all} ready`,
  connections: 'Connections',
  none: 'Nobody listens but you, and you only just came.',
  lines: (n: number) => count(n, 'window', 'windows'),
  since: (span: string) => `for ${span}`,
  beat: (span: string) => `heartbeat ${span} ago`,
  devices: 'Devices',
  devicesSay: 'All that may come in, and how their notifications do.',
  doctor: 'Push doctor',
  sight: 'being looked at',
  push: 'Notifications, last 24 hours',
  pushNone: 'None were sent.',
  noDevice: 'No device has notifications on.',
  reached: 'Reached a screen',
  taken: 'Taken, not heard of since',
  onWay: 'Still to be sent',
  lost: 'Failed',
  disk: 'Disk',
  used: 'Used by Hark',
  free: 'Free',
  backups: 'Backups',
  lastBackup: (when: string, size: string) => `The last one is of ${when}, ${size}.`,
  noBackup: 'None yet.',
  nextBackup: (when: string) => `The next one comes ${when}.`,
  about: 'This Hark',
  version: 'Version',
  up: 'Running for',
  address: 'Address',
  answers: 'Answers',
};

/** What a language must provide for the status screen. */
export type StatusCatalog = typeof statusWords;

/** The words in use. */
export const ts: StatusCatalog = rest?.status ?? statusWords;
