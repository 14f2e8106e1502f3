import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { languageOf, localeOf } from '../../src/core/language';
import * as de from '../../src/i18n/de/first';
import * as deRest from '../../src/i18n/de/rest';
import { t as en } from '../../src/i18n/en';
import { tb as backups } from '../../src/i18n/en.backups';
import { tb as begin } from '../../src/i18n/en.begin';
import { cardWords } from '../../src/i18n/en.card';
import { tf as fire } from '../../src/i18n/en.fire';
import { tf as phone } from '../../src/i18n/en.phone';
import { tp as push } from '../../src/i18n/en.push';
import { reminderWords } from '../../src/i18n/en.reminders';
import { tu as setup } from '../../src/i18n/en.setup';
import { tsrc as sources } from '../../src/i18n/en.sources';
import { ts as status } from '../../src/i18n/en.status';
import { ts as steps } from '../../src/i18n/en.steps';
import { tt as tokens } from '../../src/i18n/en.tokens';
import * as es from '../../src/i18n/es/first';
import * as esRest from '../../src/i18n/es/rest';
import { workerWords } from '../../src/i18n/worker';
import { parse } from '../../src/sw/push';

const english = {
  main: en,
  steps,
  card: cardWords,
  fire,
  backups,
  begin,
  phone,
  push,
  reminders: reminderWords,
  setup,
  sources,
  status,
  tokens,
};
const packs = { de: { ...de.words, ...deRest.words }, es: { ...es.words, ...esRest.words } };

/** Every word by its path; a function by what it says of numbers that it can't but repeat. */
function words(of: object, path = ''): [string, unknown][] {
  return Object.entries(of).flatMap(([key, value]: [string, unknown]) => {
    const at = `${path}.${key}`;
    return value !== null && typeof value === 'object' ? words(value, at) : [[at, value]];
  });
}
const ARGS = [71, 83, 97];
type Said = (...args: unknown[]) => unknown;
const say = (f: Said) => String(f(...ARGS));
const repeated = (text: string) => ARGS.filter((n) => text.includes(String(n)));

describe.each(Object.entries(packs))('the words in %s', (lang, pack) => {
  const theirs = new Map(words(pack));

  it('are all there, and no more', () => {
    expect([...theirs.keys()].sort()).toEqual(words(english).map(([at]) => at).sort()); // prettier-ignore
  });

  it('are not empty where the English ones are not, and repeat what they are told', () => {
    for (const [at, ours] of words(english)) {
      const other = theirs.get(at);
      expect(typeof other, at).toBe(typeof ours);
      if (typeof ours === 'string') expect(!other, at).toBe(!ours);
      if (typeof ours !== 'function' || /\.cure$|\.standing$|\.when\.ahead$|\.when\.ago$/.test(at)) continue;
      expect(repeated(say(other as Said)), at).toEqual(repeated(say(ours as Said)));
    }
  });

  it('are another language than English', () => {
    const same = words(english).filter(
      ([at, ours]) => typeof ours === 'string' && ours.length > 14 && theirs.get(at) === ours,
    );
    expect(same, lang).toEqual([]);
  });
});

it('one and many are told apart in each language', () => {
  const count = [english, packs.de, packs.es].map(({ main }) => [0, 1, 2].map(main.list.unread));
  expect(count).toEqual([
    ['0 unread messages', '1 unread message', '2 unread messages'],
    ['0 ungelesene Nachrichten', '1 ungelesene Nachricht', '2 ungelesene Nachrichten'],
    ['0 mensajes sin leer', '1 mensaje sin leer', '2 mensajes sin leer'],
  ]);
  const ahead = [english, packs.de, packs.es].map(({ card }) => [card.when.ahead(1, 'day'), card.when.ago(3, 'month')]);
  expect(ahead).toEqual([
    ['in 1 day', '3 months ago'],
    ['in 1 Tag', 'vor 3 Monaten'],
    ['en 1 día', 'hace 3 meses'],
  ]);
  expect(packs.de.setup.usage.usedNoLimit(12_345)).toContain('12.345 Token');
  expect(packs.es.setup.usage.usedNoLimit(1)).toContain('1 token,');
  expect(packs.de.main.message.from('reminder', undefined)).toBe('Erinnerung');
  expect(packs.es.tokens.bounds({ max_priority: 2, rate: 3 } as never)).toEqual(['como mucho baja', '3 por minuto']);
});

it('the owner’s language comes first, then the first that the device and the app know', () => {
  expect(languageOf('', ['de-DE', 'en'])).toBe('de');
  expect(languageOf('', ['fr-FR', 'es-MX'])).toBe('es');
  expect(languageOf('', ['fr', 'pl'])).toBe('en');
  expect(languageOf('', [])).toBe('en');
  expect(languageOf('es', ['de-DE'])).toBe('es');
  expect(languageOf('de-AT', ['en'])).toBe('de');
  expect(languageOf('fr', ['de-DE'])).toBe('en');
  expect(localeOf('de', '', ['de-CH', 'en'])).toBe('de-CH');
  expect(localeOf('en', 'fr', ['fr-FR'])).toBe('en-GB');
  expect(localeOf('en', '', ['en-US'])).toBe('en-US');
  expect(localeOf('es', 'es', ['de-DE'])).toBe('es');
});

it('what the server names in English is shown in the language of the page', async () => {
  vi.resetModules();
  localStorage.setItem('hark-language', 'de');
  const { headOf, titleOf } = await import('../../src/i18n/shown');
  localStorage.clear();
  expect(titleOf({ title: 'Inbox', inbox: true })).toBe('Eingang');
  expect(titleOf({ title: 'Haus', inbox: true })).toBe('Haus');
  expect(titleOf({ title: 'Inbox', inbox: false })).toBe('Inbox');
  expect(titleOf(undefined)).toBe('Neuer Chat');
  expect(headOf('Reminder')).toBe('Erinnerung');
  expect(headOf('Reminder: Brot')).toBe('Erinnerung: Brot');
  expect(headOf('Reminder, was due Mon 2 Nov 07:00')).toBe('Erinnerung, war fällig Mon 2 Nov 07:00');
  expect(headOf('Reminder, was due Mon 2 Nov 07:00: Brot')).toBe('Erinnerung, war fällig Mon 2 Nov 07:00: Brot');
  expect(headOf('Reminders are good')).toBe('Reminders are good');
});

describe('the service worker', () => {
  it('speaks the owner’s language, and without it that of the device', () => {
    expect(workerWords('de').newMessage).toBe('Du hast eine neue Nachricht.');
    expect(workerWords('fr').newMessage).toBe('You have a new message.');
    expect(workerWords().newMessage).toBe('You have a new message.');
    const told = (lang: string) => parse(`{"notification":{"data":{"lang":"${lang}"}}}`, 'https://hark.test');
    expect(told('es').options.body).toBe('Tienes un mensaje nuevo.');
    expect(told('es').attached.lang).toBe('es');
    for (const why of ['offline', 'unsure', 'refused'] as const)
      for (const lang of ['de', 'es']) {
        const said = workerWords(lang).failed({ action: 'A71', why, detail: 'D83' });
        expect(said).toContain('A71');
        expect(said.includes('D83')).toBe(why === 'refused');
      }
  });
});

describe('a page in another language', () => {
  beforeEach(() => vi.resetModules());
  afterEach(() => {
    vi.unstubAllGlobals();
    localStorage.clear();
    vi.restoreAllMocks();
    vi.doUnmock('../../src/i18n/de/rest');
  });

  it('is loaded again when the owner has chosen, also where another tab was first, and never for ever', async () => {
    const reload = vi.spyOn(location, 'reload').mockImplementation(() => {});
    const { speak } = await import('../../src/i18n/language');
    speak('');
    speak('en');
    speak('fr');
    expect(reload).not.toHaveBeenCalled();
    localStorage.setItem('hark-language', 'es');
    speak('es');
    expect(reload).toHaveBeenCalledTimes(1);

    vi.resetModules();
    const next = await import('../../src/i18n/language');
    expect(next.language).toBe('es');
    next.speak('es');
    expect(reload).toHaveBeenCalledTimes(1);

    const full = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    vi.stubGlobal('localStorage', { getItem: () => null, setItem: full });
    next.speak('de');
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('opens its screens in English where their words did not come', async () => {
    localStorage.setItem('hark-language', 'de');
    vi.doMock('../../src/i18n/de/rest', () => ({}));
    const { tr } = await import('../../src/i18n/en.reminders');
    expect(tr.title).toBe('Reminders');
  });

  it('has its words before any part of the app has read them', async () => {
    localStorage.setItem('hark-language', 'es');
    const { t } = await import('../../src/i18n/en');
    const { tr } = await import('../../src/i18n/en.reminders');
    const { clock } = await import('../../src/core/time');
    expect(document.documentElement.lang).toBe('es');
    expect([t.list.reminders, tr.title, tr.snooze]).toEqual(['Recordatorios', 'Recordatorios', 'Posponer']);
    expect(clock(Date.parse('2026-11-22T21:05:00Z'), { zone: 'UTC' })).toBe('21:05');
  });

  it('is English where the owner’s language has no words', async () => {
    localStorage.setItem('hark-language', 'fr');
    const { t } = await import('../../src/i18n/en');
    expect(t.list.reminders).toBe('Reminders');
    expect(document.documentElement.lang).toBe('en');
  });
});
