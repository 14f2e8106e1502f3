import type { BeginCatalog } from '../en.begin';

/** Setting a new Hark up. */
export const begin: BeginCatalog = {
  title: 'Hark einrichten',
  titles: {
    you: 'Willkommen',
    model: 'Etwas, das denkt',
    phone: 'Hark für unterwegs',
    notifications: 'Lass Hark sich melden',
    reminder: 'Deine erste Erinnerung',
  },
  leads: {
    you: 'Ein paar Fragen, dann gehört Hark dir. Jede lässt sich überspringen, und alles steht auch in den Einstellungen.',
    model:
      'Hark antwortet mit einem Modell, das du wählst. Hier wird es nach einem Wort gefragt, damit du siehst, dass es geht.',
    phone: 'Ein Telefon mit Hark als App erfährt alles sofort, zu Hause und unterwegs.',
    notifications:
      'Erinnerungen, Antworten und was deine Skripte melden, kommen auf dieses Gerät, auch wenn Hark geschlossen ist.',
    reminder: 'Schreib es so, wie du es sagen würdest. Hark meldet sich, wenn es so weit ist.',
  },
  step: (n, of) => `Schritt ${n} von ${of}`,
  next: 'Weiter',
  finish: 'Fertig',
  later: {
    you: 'Weiter',
    model: 'Ohne Modell weiter',
    phone: 'Jetzt nicht',
    notifications: 'Jetzt nicht',
    reminder: 'Jetzt nicht',
  },
  skipAll: 'Rest überspringen',
  ready: 'Hark ist eingerichtet. Sag Hallo!',
  failed: 'Hark konnte nicht gefragt werden, wie weit du gekommen bist.',
  you: {
    title: 'Du',
    name: 'Dein Name',
    nameSay: 'So nennt Hark dich.',
    namePlaceholder: 'Leer, wenn du magst',
    language: 'Sprache',
    languageSay: {
      both: 'Für die App und die Antworten.',
      answers: 'Nur für die Antworten. Die App selbst spricht Englisch.',
      automatic: 'Die App spricht wie dieses Gerät; Antworten kommen in der Sprache, in der du schreibst.',
    },
    automatic: 'Automatisch',
    zone: (zone) => `Es gelten die Zeiten von ${zone}, wie auf diesem Gerät.`,
  },
  model: {
    asking: (name) => `${name} wird nach einem Wort gefragt`,
    works: (name, seconds) => `${name} antwortet. Es hat ${seconds} s gedauert.`,
    fails: (name) => `${name} antwortet nicht.`,
    again: 'Noch einmal fragen',
    none: 'Noch antwortet kein Modell. Bis dahin merkt sich Hark Erinnerungen und Nachrichten und beantwortet Einfaches selbst.',
    how: 'Starte Ollama, LM Studio oder llama.cpp auf dem Rechner, auf dem Hark läuft, dann erscheint es hier von selbst; oder füge eins mit Adresse und Schlüssel hinzu.',
  },
  phone: {
    ready: (origin) => `Telefone erreichen Hark unter ${origin}.`,
    notReady: 'Zuerst braucht Hark eine Adresse, der Telefone vertrauen. Das dauert ein, zwei Minuten.',
    setUp: 'Weg wählen',
    here: 'Das hier ist schon ein Telefon.',
    homeIos: 'Tippe auf „Teilen“, dann auf „Zum Home-Bildschirm“, und mach dort weiter: Nur so darf Hark sich melden.',
    homeAndroid: 'Öffne das Menü des Browsers und tippe auf „App installieren“.',
    installed: 'Hark ist auf diesem Gerät eine App.',
  },
};
