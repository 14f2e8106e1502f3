import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Where screenshots go. The folder is not committed; CI keeps it. */
export const artefacts = fileURLToPath(new URL('../artefacts/', import.meta.url));

/** @type {WeakMap<import('node:test').TestContext, {contexts: import('playwright-core').BrowserContext[], log: string[]}>} */
const witnesses = new WeakMap();

/**
 * Writes down what a browser complains about, so that a failing test can show it.
 * @param {import('node:test').TestContext} t
 * @param {import('playwright-core').BrowserContext} context
 */
export function witness(t, context) {
  const mine = witnesses.get(t) ?? { contexts: [], log: [] };
  witnesses.set(t, mine);
  mine.contexts.push(context);
  context.on('console', (m) => mine.log.push(`${m.type()}: ${m.text()}`));
  context.on('weberror', (e) => mine.log.push(`uncaught: ${e.error().stack ?? e.error()}`));
}

/**
 * A test that leaves screenshots of its pages and the words of their consoles behind when it fails.
 * @param {string} name the promise it keeps
 * @param {(t: import('node:test').TestContext) => Promise<void>} body
 */
export function promise(name, body) {
  test(name, async (t) => {
    try {
      await body(t);
    } catch (error) {
      await keep(t, name);
      throw error;
    }
  });
}

/**
 * @param {import('node:test').TestContext} t
 * @param {string} name
 */
async function keep(t, name) {
  const { contexts, log } = witnesses.get(t) ?? { contexts: [], log: [] };
  const stem = `${artefacts}failed-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`;
  mkdirSync(artefacts, { recursive: true });
  writeFileSync(`${stem}.log`, `${log.join('\n')}\n`);
  const pages = contexts.flatMap((context) => context.pages());
  for (const [n, page] of pages.entries()) {
    // A page that is gone can't be asked any more, and the error that counts is the test's.
    await page.screenshot({ path: `${stem}-${n}.png`, timeout: 3000 }).catch(() => {});
    writeFileSync(`${stem}-${n}.html`, await page.content().catch(String));
  }
}
