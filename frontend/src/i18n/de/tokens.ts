import type { TokensCatalog } from '../en.tokens';

const loudness = ['Lautlos', 'Leise', 'Normal', 'Hoch', 'Dringend'];

/** What a token's messages may be. */
export const tokens: TokensCatalog = {
  others: (address) =>
    `Was mit ntfy, Gotify oder einem Webhook spricht, kann auch mit Hark sprechen: Gib ihm ${address} und das Token als Passwort.`,
  change: 'Ändern',
  changeOf: (name) => `${name} ändern`,
  title: (name) => `Token „${name}“`,
  bounds: (token) => [
    ...(token.max_priority ? [`höchstens ${loudness[token.max_priority - 1]?.toLowerCase()}`] : []),
    ...(token.rate ? [`${token.rate} pro Minute`] : []),
  ],
  until: (when) => `bis ${when}`,
  mutedUntil: (when) => `stumm bis ${when}`,
  name: 'Name',
  icon: 'Symbol, ein Emoji',
  place: 'Seine Nachrichten gehen in',
  placeSay: 'Wenn das Skript keinen anderen Ort nennt.',
  inbox: 'Eingang',
  loudest: 'Höchstens so laut wie',
  anyLoud: 'es will',
  loudness,
  rate: 'Nachrichten pro Minute',
  rateNone: 'keine Grenze',
  callbacks: 'Seine Knöpfe dürfen aufrufen',
  callbacksSay: 'Ein Host je Zeile; mit Port, wenn er in deinem eigenen Netz liegt.',
  mute: 'Stummschalten',
  muteSay: 'Seine Nachrichten kommen weiter an, ohne Ton.',
  mutes: {
    '0': 'nicht stumm',
    '1h': 'eine Stunde',
    '8h': '8 Stunden',
    '1d': 'einen Tag',
    '7d': 'eine Woche',
  },
  save: 'Speichern',
  rotate: 'Neues Geheimnis',
  rotateAsk: 'Ein neues Geheimnis geben? Das Skript funktioniert erst wieder, wenn es das neue hat.',
  rotateDo: 'Ja, ein neues Geheimnis',
  revoke: 'Widerrufen',
};
