import type { Token } from '../core/protocol';
import { locale } from './language';
import { rest } from './rest';

/** A moment of the coming days, on the reader's clock. */
export const clock = (at = ''): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(Date.parse(at));

const loudness = ['Silent', 'Quiet', 'Ordinary', 'High', 'Urgent'];

/** Texts about what a token's messages may be. */
export const tokensWords = {
  others: (address: string) =>
    `What speaks to ntfy, Gotify or a webhook can speak to Hark: give it ${address} and the token as its password.`,
  change: 'Change',
  changeOf: (name: string) => `Change ${name}`,
  title: (name: string) => `Token “${name}”`,
  bounds: (token: Token): string[] => [
    ...(token.max_priority ? [`at most ${loudness[token.max_priority - 1]?.toLowerCase()}`] : []),
    ...(token.rate ? [`${token.rate} a minute`] : []),
  ],
  until: (when: string) => `until ${when}`,
  mutedUntil: (when: string) => `muted until ${when}`,
  name: 'Name',
  icon: 'Icon, an emoji',
  place: 'Its messages go to',
  placeSay: 'Unless the script names another place.',
  inbox: 'Inbox',
  loudest: 'At most as loud as',
  anyLoud: 'as it likes',
  loudness,
  rate: 'Messages a minute',
  rateNone: 'no limit',
  callbacks: 'Its buttons may call',
  callbacksSay: 'One host a line; with the port, if it is in your own network.',
  mute: 'Mute',
  muteSay: 'Its messages still arrive, without a sound.',
  mutes: {
    '0': 'not muted',
    '1h': 'for an hour',
    '8h': 'for 8 hours',
    '1d': 'for a day',
    '7d': 'for a week',
  },
  save: 'Save',
  rotate: 'New secret',
  rotateAsk: 'Give it a new secret? The script stops working until it has the new one.',
  rotateDo: 'Yes, a new secret',
  revoke: 'Revoke',
};

/** What a language must provide for tokens. */
export type TokensCatalog = typeof tokensWords;

/** The words in use. */
export const tt: TokensCatalog = rest?.tokens ?? tokensWords;
