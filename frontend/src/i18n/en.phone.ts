import type { Way } from '../core/phone';
import { rest } from './rest';

const titles: Record<Way, string> = {
  tailscale: 'Tailscale',
  domain: 'A domain of your own',
  local: 'This network only',
  proxy: 'A proxy that you have',
};

const says: Record<Way, string> = {
  tailscale: 'Works at home and away, and every phone trusts it. The phone needs the Tailscale app too.',
  domain: 'Every phone trusts it. You need a name, such as a free one of duckdns.org.',
  local:
    'Needs nobody else. Each phone is told once to trust this Hark, and reaches it at home; notifications come everywhere.',
  proxy: 'Caddy, nginx or Traefik already has a certificate and passes requests on.',
};

/** The words of the screen that brings Hark to the phone. */
export const phoneWords = {
  title: 'On your phone',
  open: 'Set up',
  openSay: 'A secure address, so that a phone can have Hark as an app with notifications.',
  failed: 'Could not look. Is Hark running?',
  offSay:
    'Phones only get notifications over a connection that they trust. Choose how; the first that fits is the best.',
  ready: 'Phones can come in',
  until: (day: string) => `The certificate is good until ${day}, and is renewed by itself before.`,
  by: (way: Way) => `Way: ${titles[way]}`,
  fixed: 'This is set in Hark’s configuration. Change it there.',
  troubled: 'Phones have a problem',
  invite: {
    title: 'Bring a phone in',
    act: 'Show the code',
    again: 'Show a new code',
    say: 'Point the phone’s camera at it.',
    trustSay:
      'Point the phone’s camera at it. The phone opens a page that shows, step by step, how it comes to trust this Hark.',
    picture: 'QR code with the link below',
    or: 'Or open this on the phone:',
    until: (time: string) => `It works once, until ${time}.`,
    code: 'If the phone asks for a code:',
  },
  ways: 'Ways',
  others: 'Other ways',
  titles,
  says,
  inUse: 'In use',
  best: 'Try this first',
  use: 'Use it',
  again: 'Try again',
  look: 'Look again',
  setUp: 'Set up',
  change: 'Change',
  hide: 'Close',
  found: (name: string) => `Found: ${name}`,
  working: 'Working on it',
  worked: 'Done. Phones can come in.',
  off: 'Switch off',
  offAsk: 'Keep phones out?',
  offAskSay:
    'Hark stops listening for other devices. Phones that have it can’t reach it until you set it up again; your messages stay.',
  moveAsk: 'Give phones another address?',
  moveAskSay: (origin: string) =>
    `An app on a phone belongs to its address. Phones that use ${origin} have to add Hark again at the new one.`,
  moveAct: 'Change it',
  local: {
    name: 'Address for the phone',
    nameSay: 'An address is found by every phone; have the router always give this machine the same one.',
    other: 'Another name',
    otherLabel: 'Name',
    otherSay: 'One that your network knows, such as hark.home.arpa.',
    none: 'This machine has no address in a home network.',
    anew: 'Make a new authority',
    anewSay: 'Phones that trust the old one have to be told again.',
    finger: 'Fingerprint of the authority (SHA-256)',
  },
  domain: {
    name: 'Name',
    nameSay: 'It should lead to this machine: to its address at home, or to your router.',
    proof: 'Show that it is yours by',
    proofs: {
      duckdns: 'DNS at DuckDNS',
      cloudflare: 'DNS at Cloudflare',
      rfc2136: 'DNS of your own server (RFC 2136)',
      exec: 'DNS by the program in the configuration',
      'tls-alpn-01': 'Port 443, open from outside',
      'http-01': 'Port 80, open from outside',
    } as Record<string, string>,
    dnsSay: 'No port has to be open. The name may lead to an address at home.',
    portSay: 'The router has to lead the port to this machine.',
    token: 'Token',
    tokenSay: {
      duckdns: 'It stands at the top of duckdns.org after signing in.',
      cloudflare: 'Made in your Cloudflare profile, with the permission Zone, DNS, Edit.',
    } as Record<string, string>,
    kept: 'Set. Leave empty to keep it',
    server: 'Name server',
    key: 'Key name (TSIG)',
    secret: 'Secret',
    email: 'E-mail, if you like',
    emailSay: 'Let’s Encrypt keeps it with the account.',
    agree: 'With this you agree to the terms of Let’s Encrypt.',
    act: 'Get a certificate',
  },
  proxy: {
    url: 'Address that phones open',
    act: 'Use it',
    config: 'For the proxy',
    say: 'If the proxy runs on another machine, start Hark with --addr 0.0.0.0:4275. Name the proxy in trusted_proxies, so that Hark sees who is calling.',
    copied: 'Copied',
  },
};

/** What a language must provide for that screen. */
export type PhoneCatalog = typeof phoneWords;

/** The words in use. */
export const tf: PhoneCatalog = rest?.phone ?? phoneWords;
