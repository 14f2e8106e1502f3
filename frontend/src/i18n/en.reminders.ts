import { tc } from './en.card';
import { rest } from './rest';

const plural = new Intl.PluralRules('en');
const count = (n: number, one: string, other: string) => `${n} ${plural.select(n) === 'one' ? one : other}`;

const length = (minutes: number) =>
  minutes % 60 ? count(Math.abs(minutes), 'minute', 'minutes') : count(Math.abs(minutes) / 60, 'hour', 'hours');

/** Every word of the reminders screen in English. A part of its own, because it is loaded with that screen. */
export const reminderWords = {
  title: 'Reminders',
  views: { list: 'List', agenda: 'Agenda', month: 'Month' },
  view: 'How to look at them',
  menu: 'More for reminders',
  loadFailed: 'The reminders could not be loaded.',
  offline: 'Offline. What you see may be old, and nothing can be changed now.',
  loading: 'Loading',
  unnamed: 'Reminder',

  add: {
    label: 'Remind me',
    placeholder: 'to call the dentist tomorrow at 9',
    act: 'Add',
    added: (text: string) => `Set: ${text}`,
    heldNote: 'Quiet hours hold it back until',
    examples: [
      'in 20 minutes to take the bread out',
      'every weekday at 8:30 to stand up',
      'on the last day of the month at 18:00 to pay the rent',
    ],
    tryOne: 'For example',
  },
  preview: {
    label: 'What Hark understood',
    next: 'Next times',
    only: 'Once',
    choose: 'Which one do you mean?',
    never: 'It will not come again.',
    clock: (day: string, minutes: number) =>
      `The clocks go ${minutes > 0 ? 'forward' : 'back'} ${length(minutes)} on ${day}. The time on the clock stays the same.`,
    clockShort: (minutes: number) => `clocks go ${minutes > 0 ? 'forward' : 'back'} before`,
    clockDay: (minutes: number) => `Clocks go ${minutes > 0 ? 'forward' : 'back'} ${length(minutes)}`,
  },
  groups: {
    next: 'Next',
    recurring: 'Recurring',
    done: 'Done',
    nextNone: 'Nothing ahead.',
    more: (n: number) => `Show ${n} more`,
  },
  empty: {
    title: 'Nothing to remember yet',
    say: 'Write above what to remind you of, and when, in your own words. Hark shows what it understood before you add it.',
  },
  row: {
    done: (text: string) => `Done: ${text}`,
    edit: 'Edit',
    options: (text: string) => `Options for ${text}`,
    prompt: 'Hark does this',
    paused: 'Paused',
    held: (due: string) => `Held back by quiet hours, due ${due}`,
    snoozed: 'Snoozed',
    nagging: (left: number) =>
      left ? `Until done, at most ${count(left, 'more time', 'more times')}` : 'Asked for the last time',
    failed: (n: number) => `Failed ${count(n, 'time', 'times')}`,
    priority: { 1: 'Lowest priority', 2: 'Low priority', 4: 'High priority', 5: 'Urgent' } as Record<number, string>,
    wasDue: (when: string) => `was due ${when}`,
    zoneTime: (zone: string) => `${zone} time`,
    here: (when: string) => `${when} here`,
    times: (n: number, from: string, to: string) => `${n} times, ${from} to ${to}`,
  },
  /** What became of an occurrence. */
  outcome: {
    fired: 'Came on time',
    late: 'Came late',
    missed: 'Missed',
    snoozed: 'Snoozed',
    done: 'Done',
    skipped: 'Skipped',
    failed: 'Failed',
  } as Record<string, string>,
  act: {
    done: 'Done',
    snooze: 'Snooze …',
    skip: 'Skip the next one',
    run: 'Run now',
    pause: 'Pause',
    resume: 'Resume',
    edit: 'Edit …',
    history: 'History',
    delete: 'Delete',
    undo: 'Undo',
    deleted: (text: string) => `Deleted: ${text}`,
    restored: 'It is back.',
    ran: 'It has been sent to its conversation.',
    snoozed: (when: string) => `Comes again ${when}`,
    finished: (text: string) => `Done: ${text}`,
    skipped: 'The next one is skipped.',
  },
  agenda: {
    label: 'The next 14 days',
    none: 'Nothing in the next 14 days.',
    free: 'Free',
    more: 'There is more than can be shown here.',
    now: 'Now',
    paused: 'paused',
  },
  month: {
    previous: 'Month before',
    next: 'Month after',
    today: 'Today',
    day: (date: string, n: number) => `${date}, ${n ? count(n, 'reminder', 'reminders') : 'nothing'}`,
    none: 'Nothing on this day.',
    past: 'Past days show what happened in the history of each reminder.',
    more: (n: number) => `${n} more`,
  },
  edit: {
    title: 'Edit reminder',
    text: 'What',
    prompt: 'What Hark should do',
    when: 'When',
    extra: (text: string) => `“${text}” is not part of a time. Put it into the text above.`,
    whenHint: 'In words, or as a cron line or an RRULE.',
    zone: 'Time zone',
    zoneHint: 'The time stays a time on this zone’s clock, wherever you are.',
    deviceZone: (zone: string) => `${zone} (here)`,
    kind: 'When it is due',
    kinds: { message: 'Say it to me', prompt: 'Let Hark do it and tell me' },
    kindHints: {
      message: 'The text comes as a message. No model is asked.',
      prompt: 'The text goes to the assistant, and its answer comes as a message. It may use the model and its tools.',
    },
    more: 'More choices',
    priority: 'Priority',
    priorities: ['Lowest', 'Low', 'Normal', 'High', 'Urgent'],
    priorityHint: 'High and urgent ones come through quiet hours.',
    nag: 'Until I say done',
    nagOff: 'Say it once',
    nagEvery: (n: number) => (n === 60 ? 'Again every hour' : `Again every ${n} minutes`),
    nagMax: 'At most',
    times: (n: number) => count(n, 'time', 'times'),
    misfire: 'If Hark was off at that time',
    misfires: {
      once: 'Catch up if it is not too old',
      late: 'Always catch up once',
      skip: 'Do not catch up',
    },
    misfireHints: {
      once: 'It comes once, marked late, within 12 hours or half of its rhythm. After that it is only noted as missed.',
      late: 'It comes once, marked late, however long ago it was. Never in a burst.',
      skip: 'It is noted as missed, without an alarm.',
    },
    onceHint: 'A reminder that comes only once always comes late rather than never.',
    conversation: 'Conversation',
    inbox: 'Inbox',
    upcoming: 'Next times',
    save: 'Save',
    cancel: 'Cancel',
    saved: 'Saved.',
  },
  history: {
    title: (text: string) => `History of “${text}”`,
    none: 'It has not come yet.',
    due: (when: string) => `due ${when}`,
    more: 'Show earlier ones',
    open: 'Open the message',
    close: 'Close',
    failed: 'The history could not be loaded.',
  },
  files: {
    import: 'Import a calendar file',
    export: 'Export as .ics',
    feed: 'Subscribe from a calendar',
    imported: (n: number) => count(n, 'reminder was added', 'reminders were added'),
    importedNone: 'Nothing was added.',
    importTitle: 'Calendar file',
    skipped: (n: number) => `${count(n, 'entry was', 'entries were')} left out:`,
    untitled: 'Without a name',
    tooLarge: 'This file is larger than 1 MiB. Export a smaller range from your calendar.',
    close: 'Close',
    feedTitle: 'Subscribe from a calendar',
    feedSay:
      'A calendar app that opens this address shows your reminders and keeps them current. It can read them and change nothing.',
    feedSecret:
      'Whoever has the address can read your reminders, so treat it like a password. A new one replaces the one this device made before.',
    feedMake: 'Create the address',
    feedRevoke: 'Revoke',
    feedRevokeOld: 'Revoke the one there is',
    feedRevoked: 'The address no longer works.',
    feedUrl: 'Address of the calendar',
    copy: 'Copy',
    copied: 'Copied',
  },
  quiet: {
    title: 'Quiet hours',
    say: 'Reminders below high priority wait until the end of the quiet hours.',
    on: 'Keep quiet at night',
    from: 'From',
    to: 'To',
    zone: 'Where you are',
    zoneSay: (zone: string) => `Quiet hours follow the clock of ${zone}.`,
    useDevice: (zone: string) => `Use ${zone}`,
    failed: 'The quiet hours could not be saved.',
    same: 'Begin and end are the same, so nothing is held back.',
  },
};

/** What a language must provide for this screen. */
export type ReminderCatalog = typeof reminderWords;

const { when, snooze, snoozes, other } = tc;

/** The words in use, with those of a reminder in the thread. */
export const tr = { ...(rest?.reminders ?? reminderWords), when, snooze, snoozes, other };
