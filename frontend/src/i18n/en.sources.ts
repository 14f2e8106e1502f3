import { rest } from './rest';

/** Texts about feeds and mailboxes. */
export const sourcesWords = {
  title: 'Sources',
  openSay: 'Feeds and mailboxes that Hark watches for you.',
  open: 'Open',
  say: 'What is new in a feed or a mailbox comes as a message. What is there already stays where it is.',
  none: 'Nothing is watched yet.',
  loadFailed: 'The sources could not be loaded.',
  addFeed: 'Add a feed',
  addMail: 'Add a mailbox',
  change: (name: string) => `Change ${name}`,
  titleFeed: 'Feed',
  titleMail: 'Mailbox',
  name: 'Name',
  namePlaceholder: 'as its address says',
  url: 'Address of the feed',
  every: 'Look every',
  minutes: { 5: '5 minutes', 0: '15 minutes', 60: 'hour', 360: '6 hours', 1440: 'day' } as Record<number, string>,
  run: 'The assistant sums up each entry',
  runSay: 'It treats what it reads as somebody else’s words, and follows none of them.',
  paused: 'Pause',
  server: 'IMAP server',
  security: 'Security',
  securities: { tls: 'TLS', starttls: 'STARTTLS', none: 'none, at home only' },
  user: 'User',
  password: 'Password',
  passwordKept: 'unchanged',
  passwordSay: 'With two-step login, make a password for programs at your provider.',
  folder: 'Folder',
  from: 'Only from',
  fromSay: 'Names or addresses, with commas; empty is anybody.',
  save: 'Save',
  add: 'Add',
  delete: 'Delete',
  deleteAsk: (name: string) => `Stop watching “${name}”?`,
  deleteSay: 'Its messages stay.',
  look: 'Look now',
  lookAt: (name: string) => `Look at ${name} now`,
  looking: 'Looking…',
  never: 'not looked at yet',
  looked: (when: string) => `looked ${when}`,
  told: (n: number) => (n === 0 ? 'nothing new so far' : n === 1 ? '1 message' : `${n} messages`),
  isPaused: 'paused',
};

/** What a language must provide for feeds and mailboxes. */
export type SourcesCatalog = typeof sourcesWords;

/** The words in use. */
export const tsrc: SourcesCatalog = rest?.sources ?? sourcesWords;
