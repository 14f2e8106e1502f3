import { locale } from './language';
import { rest } from './rest';

const numbers = new Intl.NumberFormat(locale);
const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

/** The words of the settings about backups. */
export const backupsWords = {
  title: 'Backups',
  last: (when: string) => `Last backup: ${when}`,
  none: 'There is no backup yet.',
  next: (when: string) => `The next one is made by itself: ${when}.`,
  manual: 'None is made by itself. backup.daily in hark.toml changes that.',
  /** Of one backup. */
  about: (records: number, bytes: number) =>
    `${records === 1 ? '1 record' : `${numbers.format(records)} records`}, ${bytes < 1e6 ? `${tenth.format(Math.max(bytes / 1e3, 0.1))} kB` : `${tenth.format(bytes / 1e6)} MB`}`,
  before: 'before an update',
  now: 'Back up now',
  running: 'Backing up…',
  made: 'Backed up and verified',
  all: (n: number) => `All backups (${n})`,
  download: 'Download',
  downloadOf: (when: string) => `Download the backup of ${when}`,
  say: 'A backup counts only after it was loaded and read. It holds everything you have here, secrets too: keep copies where only you can read them.',
  kept: (daily: number, weekly: number, folder: string) => `Kept for ${daily} days and ${weekly} weeks in ${folder}.`,
  restore: 'To restore one, stop Hark on its machine and run:',
};

/** What a language must provide for the settings about backups. */
export type BackupsCatalog = typeof backupsWords;

/** The words in use. */
export const tb: BackupsCatalog = rest?.backups ?? backupsWords;
