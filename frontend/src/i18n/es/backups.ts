import type { BackupsCatalog } from '../en.backups';

const numbers = new Intl.NumberFormat('es');
const tenth = new Intl.NumberFormat('es', { maximumFractionDigits: 1 });

/** The settings about backups. */
export const backups: BackupsCatalog = {
  title: 'Copias de seguridad',
  last: (when) => `Última copia: ${when}`,
  none: 'Aún no hay ninguna copia.',
  next: (when) => `La próxima se hace sola: ${when}.`,
  manual: 'Ninguna se hace sola. Eso se cambia con backup.daily en hark.toml.',
  about: (records, bytes) =>
    `${records === 1 ? '1 registro' : `${numbers.format(records)} registros`}, ${bytes < 1e6 ? `${tenth.format(Math.max(bytes / 1e3, 0.1))} kB` : `${tenth.format(bytes / 1e6)} MB`}`,
  before: 'antes de una actualización',
  now: 'Hacer copia ahora',
  running: 'Haciendo copia…',
  made: 'Copiado y verificado',
  all: (n) => `Todas las copias (${n})`,
  download: 'Descargar',
  downloadOf: (when) => `Descargar la copia de ${when}`,
  say: 'Una copia solo cuenta cuando se ha cargado y leído. Contiene todo lo que tienes aquí, también los secretos: guárdala donde solo tú puedas leerla.',
  kept: (daily, weekly, folder) => `Se guardan ${daily} días y ${weekly} semanas en ${folder}.`,
  restore: 'Para restaurar una, detén Hark en su máquina y ejecuta:',
};
