import { languageOf, type Language } from '../core/language';
import type { Failure } from '../store/pushdb';
import { tw as en } from './en.worker';

/** What a language must provide for the service worker. */
export type WorkerCatalog = typeof en;

const de: WorkerCatalog = {
  newMessage: 'Du hast eine neue Nachricht.',
  failed({ action, why, detail }: Failure): string {
    if (why === 'offline')
      return `„${action}“ kam nicht bei Hark an: Es ist gerade nicht erreichbar. Nichts wurde geändert.`;
    if (why === 'unsure') return `Hark hat auf „${action}“ nicht geantwortet. Sieh hier nach, ob es ankam.`;
    return `„${action}“ wurde nicht ausgeführt. ${detail ?? 'Hark hat abgelehnt; hier kannst du entscheiden.'}`;
  },
};

const es: WorkerCatalog = {
  newMessage: 'Tienes un mensaje nuevo.',
  failed({ action, why, detail }: Failure): string {
    if (why === 'offline') return `«${action}» no llegó a Hark: ahora no se puede conectar. No se cambió nada.`;
    if (why === 'unsure') return `Hark no ha respondido a «${action}». Mira aquí si llegó.`;
    return `«${action}» no se hizo. ${detail ?? 'Hark lo rechazó; puedes decidir aquí.'}`;
  },
};

const all: Record<Language, WorkerCatalog> = { en, de, es };

/** The worker's words in the language that the owner has chosen, or else that of the device. */
export const workerWords = (chosen = ''): WorkerCatalog => all[languageOf(chosen, navigator.languages)];
