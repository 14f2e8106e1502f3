import { mkdirSync } from 'node:fs';
import { complaints } from './axe.js';
import { artefacts } from './evidence.js';

/** The screens that everything is looked at on. */
export const devices = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

/**
 * Takes a picture of the screen in light and in dark, and has axe look at both.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function look(page, name) {
  mkdirSync(artefacts, { recursive: true });
  /** @type {Record<string, string[]>} */
  const found = {};
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    const faults = await complaints(page);
    if (faults.length) found[`${name} ${colorScheme}`] = faults;
    await page.screenshot({ path: `${artefacts}${name}-${colorScheme}.png` });
  }
  return found;
}
