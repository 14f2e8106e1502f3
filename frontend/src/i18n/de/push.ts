import type { Platform, Standing } from '../../core/push';
import type { PushCatalog } from '../en.push';

const count = (n: number, one: string, other: string) => `${n} ${n === 1 ? one : other}`;

const standing: Record<Standing, string> = {
  on: 'Benachrichtigungen sind an. Sie erreichen dieses Gerät, auch wenn Hark geschlossen ist.',
  off: 'Benachrichtigungen sind auf diesem Gerät aus.',
  window: 'Solange dieses Fenster nicht zu sehen ist, erscheint als Benachrichtigung, was Hark sagt.',
  insecure: 'Benachrichtigungen brauchen eine sichere Verbindung (HTTPS), und diese Seite kam ohne.',
  'home-screen': 'Auf iPhone und iPad gibt es Benachrichtigungen nur für Apps auf dem Home-Bildschirm.',
  unsupported: 'Dieser Browser kann keine Benachrichtigungen von Hark zeigen.',
  denied: 'Benachrichtigungen von Hark sind auf diesem Gerät blockiert.',
  broken: 'Hier sind Benachrichtigungen gewünscht, aber dieser Browser hat kein gültiges Abonnement.',
  silent: 'Der Push-Dienst nimmt an, was Hark sendet, doch dieses Gerät zeigt nichts davon.',
  misconfigured: 'Der Push-Dienst lehnt ab, was Hark an dieses Gerät sendet.',
};

const denied: Record<Platform, string> = {
  ios: 'Öffne die App „Einstellungen“, dann „Mitteilungen“, dann Hark, und erlaube Mitteilungen.',
  android:
    'Halte das Hark-Symbol gedrückt, tippe auf „App-Info“, dann „Benachrichtigungen“, und erlaube sie. Im Browser-Tab: Tippe auf das Symbol neben der Adresse, dann auf „Berechtigungen“.',
  window: '',
  other: 'Klicke auf das Symbol neben der Adresse und erlaube Benachrichtigungen. Lade die Seite dann neu.',
};

const silent: Record<Platform, string> = {
  ios: 'Sieh nach, ob ein Fokus an ist und ob die Einstellungen Mitteilungen von Hark erlauben. Ist beides in Ordnung, entferne Hark vom Home-Bildschirm, füge es neu hinzu und schalte Benachrichtigungen ein.',
  android:
    'Sieh nach, ob „Bitte nicht stören“ an ist, und lass den Browser ohne Akkubeschränkung laufen: Einstellungen, Apps, dein Browser, Akku, Nicht eingeschränkt.',
  window: '',
  other: 'Sieh nach, ob „Nicht stören“ an ist und ob das System diesem Browser Benachrichtigungen erlaubt.',
};

const insecure =
  'Öffne auf dem Rechner, auf dem Hark läuft, die Einstellungen und richte dort HTTPS ein; auf diesem Rechner selbst öffne Hark unter http://127.0.0.1.';

/** Notifications and devices. */
export const push: PushCatalog = {
  title: 'Benachrichtigungen',
  standing: (s) => standing[s],
  cure(s, platform) {
    if (s === 'window')
      return 'Ruhezeiten und stumme Quellen gelten dafür wie für ein Telefon. Auch das System kann es stummschalten.';
    if (s === 'insecure') return insecure;
    if (s === 'home-screen') return 'Tippe auf „Teilen“, dann auf „Zum Home-Bildschirm“, und öffne Hark von dort aus.';
    if (s === 'unsupported') return 'Nimm ein aktuelles Chrome, Edge, Firefox oder Safari, und kein privates Fenster.';
    if (s === 'denied') return denied[platform];
    if (s === 'broken') return 'Schalte sie neu ein; verloren geht nichts.';
    if (s === 'silent') return silent[platform];
    if (s === 'misconfigured') return 'Die Push-Prüfung sagt, welches Glied der Kette klemmt.';
    if (s === 'off')
      return 'Erinnerungen und Nachrichten deiner Skripte können ankommen, auch wenn Hark geschlossen ist.';
    return '';
  },
  other: (name) => `Benachrichtigungen an „${name}“ kommen nicht durch.`,
  lastShown: (when) => `Zuletzt gezeigt ${when}.`,
  enable: 'Einschalten',
  repair: 'Neu einschalten',
  label: 'Benachrichtigungen auf diesem Gerät',
  timeout:
    'Der Push-Dienst des Browsers hat nicht rechtzeitig geantwortet. Prüfe die Verbindung und versuch es noch einmal.',
  failed: 'Benachrichtigungen konnten nicht eingeschaltet werden.',
  dismissed: 'Der Browser hat keine Erlaubnis bekommen. Es wurde nichts geändert.',
  unreachable: 'Hark ist gerade nicht erreichbar, darum ließ sich das nicht nachsehen.',
  private: 'Privater Modus',
  privateSay:
    'Benachrichtigungen sagen „Neue Nachricht“ und sonst nichts. Kein Text geht an den Push-Dienst oder auf den Sperrbildschirm.',
  privateAll: 'Privater Modus auf allen Geräten',
  privateHere: 'Auf diesem Gerät ist das schon so.',
  doctor: 'Push-Prüfung',
  doctorSay: 'Sieht sich jedes Glied von Hark bis zu diesem Bildschirm an.',
  open: 'Öffnen',
  test: {
    send: 'Test senden',
    again: 'Noch einen senden',
    say: 'Eine echte Benachrichtigung, den ganzen Weg durch den Push-Dienst und zurück.',
    sending: 'Wird gesendet',
    shown: (s) => `Sie kam nach ${s} s an. Alles funktioniert.`,
    shownThere: (s) => `„Gezeigt“, sagt das Gerät, nach ${s} s.`,
    failed: 'Der Test kam nicht an.',
    notShown:
      'Der Push-Dienst hat sie angenommen, und bisher ist nichts erschienen. Kommt sie spät, gehen Benachrichtigungen, nur langsam.',
    notAccepted: 'Der Push-Dienst hat sie bisher nicht angenommen.',
  },
  stage: {
    queued: 'Wartet',
    accepted: 'Angenommen',
    shown: 'Gezeigt',
    seen: 'Gesehen',
    acted: 'Bearbeitet',
    failed: 'Fehlgeschlagen',
    withheld: 'Auf dem Bildschirm',
  },
  notYet: 'noch nicht',
  delivery: {
    title: 'Zustellung',
    none: 'Für diese Nachricht ging keine Benachrichtigung hinaus: Als sie kam, waren auf keinem Gerät welche an, oder ihre Quelle ist stumm.',
    failed: 'Das ließ sich gerade nicht nachsehen.',
    removed: 'Ein entferntes Gerät',
    withheld: 'Du hattest sie auf diesem Gerät schon vor dir, darum ging keine Benachrichtigung hinaus.',
    explain: '„Angenommen“ sagt der Push-Dienst, „gezeigt“ sagt das Gerät selbst.',
  },
  mute: {
    title: (source) => `„${source}“ stummschalten?`,
    say: 'Die Nachrichten kommen weiter in Hark an, ohne Benachrichtigung.',
    here: 'Auf diesem Gerät',
    everywhere: 'Auf allen Geräten',
    done: (source) => `„${source}“ ist stumm.`,
    undo: (source) => `„${source}“ ist nicht mehr stumm.`,
    already: (names) => `Schon stumm auf ${names}.`,
    while: 'Überall, eine Weile',
    forGood: 'Oder bis du es anders sagst:',
    until: (when) => `Überall stumm bis ${when}.`,
    doneUntil: (source, when) => `„${source}“ ist stumm bis ${when}.`,
    unmute: 'Überall Ton an',
  },
  devices: {
    title: 'Geräte',
    manage: 'Verwalten',
    manageSay: 'Testen, umbenennen, Ruhezeiten, privater Modus, entkoppeln',
    seen: (when) => `Zuletzt gesehen ${when}`,
    neverShown: 'Noch keine Benachrichtigung gezeigt',
    lastShown: (when) => `Letzte Benachrichtigung gezeigt ${when}`,
    state: {
      on: 'Benachrichtigungen an',
      off: 'Benachrichtigungen aus',
      silent: 'Still: nimmt Benachrichtigungen an und zeigt keine',
      misconfigured: 'Der Push-Dienst lehnt Benachrichtigungen ab',
    },
    never: 'Noch nie nach Benachrichtigungen gefragt',
    menu: (name) => `Optionen für ${name}`,
    rename: 'Umbenennen',
    renameTitle: 'Name des Geräts',
    quiet: 'Ruhezeiten',
    quietOff: 'Aus',
    quietOn: (from, to) => `${from} bis ${to}`,
    quietSay: 'Benachrichtigungen warten bis zu ihrem Ende. Dringende kommen trotzdem durch.',
    quietFrom: 'Von',
    quietTo: 'Bis',
    quietNone: 'Keine Ruhezeiten',
    quietSame: 'Wähle zwei verschiedene Zeiten.',
    zone: (zone) => `Zeiten in ${zone}`,
    private: 'Privater Modus',
    mutes: 'Stumme Quellen',
    mutesNone: 'Keine',
    mutesCount: (n) => count(n, 'Quelle', 'Quellen'),
    mutesSay: 'Was angehakt ist, kommt in Hark an, ohne Benachrichtigung auf diesem Gerät.',
    mutesEmpty:
      'Noch hat keine Quelle etwas gesendet. Skripte erscheinen hier, wenn sie ein Token haben, Feeds und Postfächer, wenn sie beobachtet werden.',
    change: 'Ändern',
    test: 'Test senden',
    unpair: 'Entkoppeln',
    unpairSay:
      'Es wird sofort abgemeldet, seine Benachrichtigungen enden, und um wiederzukommen, muss es neu gekoppelt werden.',
    unpairHere: 'Das ist das Gerät, das du gerade benutzt. Um wiederzukommen, brauchst du einen neuen Kopplungscode.',
    gone: 'Das Gerät wurde entfernt.',
    saved: 'Gespeichert.',
  },
  doctorPage: {
    title: 'Push-Prüfung',
    say: 'Jedes Glied von Hark bis zu diesem Bildschirm, der Reihe nach.',
    here: 'Auf diesem Gerät',
    server: 'Auf dem Rechner, auf dem Hark läuft',
    run: 'Neu nachsehen',
    looking: 'Sieht nach',
    unreachable: 'Hark hat nicht geantwortet, darum fehlt der Blick auf seine Seite.',
    allWell: 'Jedes Glied ist in Ordnung.',
    broken: (n) => `${count(n, 'Glied braucht', 'Glieder brauchen')} Hilfe. Fang mit dem ersten an.`,
    ok: 'In Ordnung',
    bad: 'Braucht Hilfe',
    names: {
      secure: 'Sichere Verbindung',
      installed: 'Home-Bildschirm',
      worker: 'Hintergrunddienst',
      permission: 'Erlaubnis',
      subscription: 'Abonnement hier',
      same: 'Hark bekannt',
    },
    links: {
      keys: 'Schlüssel',
      subscription: 'Abonnement',
      subject: 'Kontaktadresse',
      endpoint: 'Adresse des Push-Dienstes',
      dns: 'Namensauflösung',
      tcp: 'Verbindung',
      tls: 'Sichere Leitung zum Push-Dienst',
      connection: 'Verbindung zum Push-Dienst',
      answer: 'Antwort des Push-Dienstes',
      clock: 'Uhr',
      service: 'Letztes Wort des Push-Dienstes',
      shown: 'Auf dem Gerät gezeigt',
    },
    secure: 'Diese Seite kam über eine Verbindung, der der Browser vertraut.',
    installed: { yes: 'Hark läuft als eigene App.', no: standing['home-screen'] },
    installedTip: 'Hark läuft in einem Browser-Tab. Installiert beendet Android es seltener.',
    worker: {
      yes: (build) => `Er läuft${build ? `, Stand ${build}` : ''}.`,
      waiting:
        'Eine neuere Version wartet. Wähle „Aktualisieren“, wenn Hark es anbietet, oder schließe alle seine Fenster.',
      no: 'Der Teil, der Benachrichtigungen empfängt, läuft nicht.',
      cure: 'Lade diese Seite neu. Bleibt es so, lösche die Websitedaten von Hark im Browser und kopple ihn neu.',
    },
    permission: {
      granted: 'Dieser Browser darf Benachrichtigungen zeigen.',
      default: 'Dieser Browser wurde noch nicht gefragt.',
      cureDefault: 'Schalte Benachrichtigungen in den Einstellungen ein.',
      denied: standing.denied,
    },
    subscription: {
      yes: 'Der Browser hat ein Abonnement bei seinem Push-Dienst.',
      no: 'Der Browser hat kein Abonnement.',
      off: 'Benachrichtigungen sind auf diesem Gerät ausgeschaltet.',
      cure: 'Schalte Benachrichtigungen in den Einstellungen ein.',
    },
    same: {
      yes: 'Hark sendet genau an das Abonnement, das dieser Browser hat.',
      no: 'Hark kennt kein Abonnement dieses Browsers oder nur ein älteres.',
      key: 'Das Abonnement wurde mit einem anderen Schlüssel erstellt, als Hark ihn jetzt hat.',
      cure: 'Schalte Benachrichtigungen in den Einstellungen aus und wieder ein.',
      unknown: 'Hark konnte nicht gefragt werden.',
      cureUnknown: 'Sieh nach, ob Hark läuft, und prüfe dann neu.',
    },
    testTitle: 'Test',
  },
};
