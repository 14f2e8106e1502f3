import type { StepCatalog } from '../en.steps';

const tools: Record<string, string> = {
  remind: 'eine Erinnerung setzen',
  list_reminders: 'die Erinnerungen ansehen',
  change_reminder: 'eine Erinnerung ändern',
  cancel_reminder: 'eine Erinnerung löschen',
  search_messages: 'die Nachrichten durchsuchen',
  remember: 'sich etwas merken',
  forget: 'etwas vergessen',
  recall: 'im Gedächtnis nachsehen',
  current_time: 'auf die Uhr sehen',
  fetch_page: 'eine Webseite lesen',
};

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

const risks: Record<string, string> = {
  first_use: 'Das wurde Hark bisher nicht erlaubt.',
  outside: 'Für diese Antwort wurde fremder Text gelesen, darum fragt Hark noch einmal.',
  unknown:
    'Hark wurde dabei unterbrochen. Es kann geschehen sein oder auch nicht. Bitte sieh nach und sag, was zu tun ist.',
};

const states: Record<string, string> = {
  waiting: 'Wartet',
  running: 'Läuft',
  done: 'Fertig',
  error: 'Fehlgeschlagen',
  unknown: 'Ausgang unbekannt',
};

/** The steps of a reply. */
export const steps: StepCatalog = {
  does: (tool, name, server) => tools[tool] ?? (server ? `„${name}“ von ${server} benutzen` : `„${name}“ benutzen`),
  title: (tool, name, server) => capital(tools[tool] ?? (server ? `${name} · ${server}` : name)),
  wants: (does) => `Hark möchte ${does}`,
  unsure: (does) => `Ist das geschehen? Hark wollte gerade ${does}.`,
  steps: 'Schritte',
  state: (status) => states[status] ?? status,
  stopped: 'Nicht beendet',
  denied: 'Nicht erlaubt',
  expired: 'Niemand hat rechtzeitig geantwortet',
  took: (seconds) => `${seconds} s`,
  risk: (risk) => risks[risk] ?? '',
  until: (when) => `Fragt bis ${when}.`,
  decide: {
    once: 'Einmal erlauben',
    always: 'Immer erlauben',
    deny: 'Ablehnen',
    retry: 'Noch einmal tun',
    skip: 'Überspringen',
    done: 'Es ist geschehen',
  },
  args: 'Mit',
  noArgs: 'Ohne weitere Angaben.',
  result: 'Ergebnis',
  resultOutside: 'Ergebnis, von anderen geschrieben',
  noResult: 'Es kam nichts zurück.',
  showAll: 'Alles zeigen',
  showLess: 'Weniger zeigen',
  thoughts: 'Was das Modell gedacht hat',
  thinking: 'Denkt nach',
  thought: (seconds, minutes) =>
    minutes
      ? `Hat ${minutes} Min. ${seconds} s nachgedacht`
      : seconds
        ? `Hat ${seconds} s nachgedacht`
        : 'Hat einen Moment nachgedacht',
  usingTool: 'Arbeitet',
  resume: 'Fortsetzen',
  model: 'Modell',
  versions: 'Fassungen dieser Nachricht',
  version: (at, of) => `${at} von ${of}`,
  older: 'Ältere Fassung',
  newer: 'Neuere Fassung',
  edit: {
    act: 'Ändern und neu senden',
    title: 'Ändern und neu senden',
    say: 'Sie wird neu beantwortet. Die alte Fassung und was ihr folgte, bleiben erreichbar.',
    send: 'Senden',
  },
};
