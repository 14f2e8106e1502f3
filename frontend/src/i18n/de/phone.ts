import type { Way } from '../../core/phone';
import type { PhoneCatalog } from '../en.phone';

const titles: Record<Way, string> = {
  tailscale: 'Tailscale',
  domain: 'Eine eigene Domain',
  local: 'Nur in diesem Netz',
  proxy: 'Ein Proxy, den du hast',
};

/** The screen that brings Hark to the phone. */
export const phone: PhoneCatalog = {
  title: 'Auf dem Telefon',
  open: 'Einrichten',
  openSay: 'Eine sichere Adresse, damit ein Telefon Hark als App mit Benachrichtigungen haben kann.',
  failed: 'Es ließ sich nicht nachsehen. Läuft Hark?',
  offSay:
    'Telefone bekommen Benachrichtigungen nur über eine Verbindung, der sie vertrauen. Wähle einen Weg; der erste, der passt, ist der beste.',
  ready: 'Telefone haben Zugang',
  until: (day) => `Das Zertifikat gilt bis ${day} und wird vorher von selbst erneuert.`,
  by: (way) => `Weg: ${titles[way]}`,
  fixed: 'Das steht in der Konfiguration von Hark. Ändere es dort.',
  troubled: 'Mit Telefonen gibt es ein Problem',
  invite: {
    title: 'Ein Telefon hereinholen',
    act: 'Code anzeigen',
    again: 'Neuen Code anzeigen',
    say: 'Richte die Kamera des Telefons darauf.',
    trustSay:
      'Richte die Kamera des Telefons darauf. Es öffnet eine Seite, die Schritt für Schritt zeigt, wie es diesem Hark vertraut.',
    picture: 'QR-Code mit dem Link darunter',
    or: 'Oder öffne dies auf dem Telefon:',
    until: (time) => `Er gilt einmal, bis ${time}.`,
    code: 'Falls das Telefon nach einem Code fragt:',
  },
  ways: 'Wege',
  others: 'Andere Wege',
  titles,
  says: {
    tailscale:
      'Geht zu Hause und unterwegs, und jedes Telefon vertraut ihm. Das Telefon braucht auch die Tailscale-App.',
    domain: 'Jedes Telefon vertraut ihr. Du brauchst einen Namen, etwa einen kostenlosen von duckdns.org.',
    local:
      'Braucht niemanden sonst. Jedem Telefon wird einmal gesagt, dass es diesem Hark vertrauen soll; dann erreicht es Hark zu Hause, und Benachrichtigungen kommen überall an.',
    proxy: 'Caddy, nginx oder Traefik hat schon ein Zertifikat und reicht Anfragen weiter.',
  },
  inUse: 'In Gebrauch',
  best: 'Versuch das zuerst',
  use: 'Nehmen',
  again: 'Noch einmal',
  look: 'Neu nachsehen',
  setUp: 'Einrichten',
  change: 'Ändern',
  hide: 'Schließen',
  found: (name) => `Gefunden: ${name}`,
  working: 'Ist in Arbeit',
  worked: 'Fertig. Telefone haben Zugang.',
  off: 'Abschalten',
  offAsk: 'Telefone aussperren?',
  offAskSay:
    'Hark lauscht dann nicht mehr auf andere Geräte. Telefone, die es haben, erreichen es erst wieder, wenn du es neu einrichtest; deine Nachrichten bleiben.',
  moveAsk: 'Telefonen eine andere Adresse geben?',
  moveAskSay: (origin) =>
    `Eine App auf dem Telefon gehört zu ihrer Adresse. Telefone, die ${origin} benutzen, müssen Hark unter der neuen noch einmal hinzufügen.`,
  moveAct: 'Ändern',
  local: {
    name: 'Adresse für das Telefon',
    nameSay: 'Eine Adresse findet jedes Telefon; lass den Router diesem Rechner immer dieselbe geben.',
    other: 'Ein anderer Name',
    otherLabel: 'Name',
    otherSay: 'Einer, den dein Netz kennt, etwa hark.home.arpa.',
    none: 'Dieser Rechner hat keine Adresse in einem Heimnetz.',
    anew: 'Neue Zertifizierungsstelle anlegen',
    anewSay: 'Telefonen, die der alten vertrauen, muss es noch einmal gesagt werden.',
    finger: 'Fingerabdruck der Zertifizierungsstelle (SHA-256)',
  },
  domain: {
    name: 'Name',
    nameSay: 'Er sollte zu diesem Rechner führen: zu seiner Adresse zu Hause oder zu deinem Router.',
    proof: 'Zeig, dass er dir gehört, durch',
    proofs: {
      duckdns: 'DNS bei DuckDNS',
      cloudflare: 'DNS bei Cloudflare',
      rfc2136: 'DNS auf eigenem Server (RFC 2136)',
      exec: 'DNS über das Programm in der Konfiguration',
      'tls-alpn-01': 'Port 443, von außen offen',
      'http-01': 'Port 80, von außen offen',
    },
    dnsSay: 'Kein Port muss offen sein. Der Name darf zu einer Adresse zu Hause führen.',
    portSay: 'Der Router muss den Port zu diesem Rechner leiten.',
    token: 'Token',
    tokenSay: {
      duckdns: 'Es steht nach der Anmeldung oben auf duckdns.org.',
      cloudflare: 'Erstellt in deinem Cloudflare-Profil, mit dem Recht Zone, DNS, Edit.',
    },
    kept: 'Gesetzt. Leer lassen, um es zu behalten',
    server: 'Nameserver',
    key: 'Name des Schlüssels (TSIG)',
    secret: 'Geheimnis',
    email: 'E-Mail, wenn du magst',
    emailSay: 'Let’s Encrypt speichert sie beim Konto.',
    agree: 'Damit stimmst du den Bedingungen von Let’s Encrypt zu.',
    act: 'Zertifikat holen',
  },
  proxy: {
    url: 'Adresse, die Telefone öffnen',
    act: 'Nehmen',
    config: 'Für den Proxy',
    say: 'Läuft der Proxy auf einem anderen Rechner, starte Hark mit --addr 0.0.0.0:4275. Nenne den Proxy in trusted_proxies, damit Hark sieht, wer anfragt.',
    copied: 'Kopiert',
  },
};
