import type { BackupsCatalog } from '../en.backups';

const numbers = new Intl.NumberFormat('de');
const tenth = new Intl.NumberFormat('de', { maximumFractionDigits: 1 });

/** The settings about backups. */
export const backups: BackupsCatalog = {
  title: 'Sicherungen',
  last: (when) => `Letzte Sicherung: ${when}`,
  none: 'Es gibt noch keine Sicherung.',
  next: (when) => `Die nächste entsteht von selbst: ${when}.`,
  manual: 'Von selbst entsteht keine. Das ändert backup.daily in hark.toml.',
  about: (records, bytes) =>
    `${records === 1 ? '1 Eintrag' : `${numbers.format(records)} Einträge`}, ${bytes < 1e6 ? `${tenth.format(Math.max(bytes / 1e3, 0.1))} kB` : `${tenth.format(bytes / 1e6)} MB`}`,
  before: 'vor einer Aktualisierung',
  now: 'Jetzt sichern',
  running: 'Wird gesichert …',
  made: 'Gesichert und geprüft',
  all: (n) => `Alle Sicherungen (${n})`,
  download: 'Herunterladen',
  downloadOf: (when) => `Sicherung von ${when} herunterladen`,
  say: 'Eine Sicherung zählt erst, wenn sie geladen und gelesen wurde. Sie enthält alles, was du hier hast, auch Geheimnisse: Bewahre Kopien nur dort auf, wo allein du sie lesen kannst.',
  kept: (daily, weekly, folder) => `Sie bleiben ${daily} Tage und ${weekly} Wochen in ${folder}.`,
  restore: 'Um eine zurückzuholen, halte Hark auf seinem Rechner an und gib ein:',
};
