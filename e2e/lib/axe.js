import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Puts axe into every page of the context from its next load on. A script tag would be refused by the page's policy.
 * @param {import('playwright-core').BrowserContext} context
 */
export async function withAxe(context) {
  await context.addInitScript(source);
}

/**
 * What axe finds wrong on the page now, a line for each element.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function complaints(page) {
  return page.evaluate(async () => {
    // What is still fading in has not the colours that it will have; what spins for ever is not waited for.
    const ending = document.getAnimations().filter((a) => Number.isFinite(a.effect?.getComputedTiming().endTime));
    await Promise.all(ending.map((a) => a.finished.catch(() => undefined)));
    const { violations } = await /** @type {any} */ (window).axe.run();
    return violations.flatMap((/** @type {any} */ v) => v.nodes.map((/** @type {any} */ n) => `${v.id}: ${n.target}`));
  });
}
