import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { after } from './after.js';
import { witness } from './evidence.js';
import { folder } from './folder.js';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The path of the browser: CHROME, or what the system has. Throws a sentence that says how to get one: a
 * browser test that is skipped shows nothing.
 */
export function findBrowser() {
  const set = process.env.CHROME;
  const places = (process.env.PATH ?? '').split(delimiter);
  const tries = set ? [set] : names.flatMap((name) => places.map((place) => join(place, name)));
  const found = tries.find(runs);
  if (found) return found;
  throw new Error(
    set
      ? `CHROME=${set} can't be started: set it to the path of Chromium, Chrome or Edge`
      : 'The browser tests need Chromium, Chrome or Edge. On Debian: "sudo apt-get install chromium fonts-liberation"; or set CHROME to the path of one.',
  );
}

/** @param {string} path */
function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a browser with a profile and a home of its own; it is closed when the test is over. A profile on disk,
 * because push is refused in a private window.
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function startBrowser(t, options = {}) {
  const home = folder(t, 'browser');
  const context = await chromium.launchPersistentContext(join(home, 'profile'), {
    executablePath: findBrowser(),
    headless: true,
    chromiumSandbox: false,
    args: flags,
    env: { ...process.env, HOME: home },
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    ...options,
  });
  after(t, () => context.close());
  witness(t, context);
  context.setDefaultTimeout(15_000);
  return context;
}
