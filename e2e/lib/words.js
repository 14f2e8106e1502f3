import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../frontend/src/i18n/', import.meta.url);

/**
 * The texts that stand in these files, of which what is put into them is left out.
 * @param {URL} at
 * @param {RegExp} name
 */
function texts(at, name) {
  const files = readdirSync(at).filter((file) => name.test(file));
  const code = files.map((file) => readFileSync(new URL(file, at), 'utf8').replace(/^import .*$|\/\*\*.*?\*\//gm, ''));
  return new Set(
    code.flatMap((text) =>
      [...text.matchAll(/'((?:[^'\\\n]|\\.)+)'|`([^`]+)`/g)].flatMap(([, plain, built]) =>
        plain ? [plain] : (built ?? '').split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/).map((part) => part.trim()),
      ),
    ),
  );
}

/**
 * What stands on the page, or is read out, in English although the app speaks another language.
 * @param {import('playwright-core').Page} page
 * @param {string} language its tag
 */
export async function leftInEnglish(page, language) {
  const own = texts(new URL(`${language}/`, folder), /\.ts$/);
  const english = [...texts(folder, /^en.*\.ts$/)].filter((text) => /[a-z]{3}/.test(text) && !own.has(text));
  return page.evaluate((english) => {
    const said = [...document.querySelectorAll('body *')].flatMap((e) => {
      if (!e.checkVisibility() || e.closest('script, style, code, option[lang]')) return [];
      const own = [...e.childNodes].flatMap((n) => (n.nodeType === Node.TEXT_NODE ? [n.textContent ?? ''] : []));
      return [...own, ...['aria-label', 'placeholder', 'title', 'alt'].map((name) => e.getAttribute(name) ?? '')];
    });
    const there = [...new Set(said.map((text) => text.replace(/\s+/g, ' ').trim()).filter(Boolean))];
    return there.flatMap((text) => {
      const found = english.find((words) => text === words || (words.length > 9 && text.includes(words)));
      return found ? [`${text} (${found})`] : [];
    });
  }, english);
}

/**
 * What is wider than the page, or cut off at its edge.
 * @param {import('playwright-core').Page} page
 */
export async function tooWide(page) {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    return [...document.querySelectorAll('body *')]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > wide + 1)
      .filter((e) => !e.closest('[data-scrolls], pre, table, .scroll'))
      .concat(
        [...document.querySelectorAll('button, h1, h2, h3, label')].filter(
          (e) =>
            e.checkVisibility() &&
            e.textContent?.trim() &&
            e.scrollWidth > e.clientWidth + 1 &&
            e.clientWidth > 1 &&
            !e.querySelector('[dir]') &&
            !e.hasAttribute('dir'),
        ),
      )
      .map((e) => `${e.tagName}.${e.className}: ${e.textContent?.trim().slice(0, 40)}`);
  });
}
