import assert from 'node:assert/strict';
import { withAxe } from '../lib/axe.js';
import { startBrowser } from '../lib/browser.js';
import { startDaemon } from '../lib/daemon.js';
import { promise } from '../lib/evidence.js';
import { devices, look } from '../lib/look.js';
import { leftInEnglish, tooWide } from '../lib/words.js';

/** The narrowest phone there is. */
const narrow = { width: 320, height: 640 };

promise('who reads German is asked, answered and reminded in German, and may go on in Spanish', async (t) => {
  const daemon = await startDaemon(t);
  const context = await startBrowser(t, { locale: 'de-DE', viewport: narrow });
  await withAxe(context);
  const page = context.pages()[0] ?? (await context.newPage());
  /** @type {Record<string, string[]>} */
  const wrong = {};
  const note = (/** @type {string} */ what, /** @type {string[]} */ found) => {
    if (found.length) wrong[what] = found;
  };
  /** Demands the language of what is on the screen, and that it fits the narrowest phone. */
  const read = async (/** @type {string} */ name, language = 'de') => {
    assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    note(`${language} ${name}: English`, await leftInEnglish(page, language));
    note(`${language} ${name}: too wide`, await tooWide(page));
  };
  const see = async (/** @type {string} */ name) => Object.assign(wrong, await look(page, name));
  const press = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true }).click();
  const step = (/** @type {string} */ name) => page.getByRole('heading', { name, exact: true }).waitFor();

  await page.goto(daemon.pairing);
  await step('Willkommen');
  const language = page.getByLabel('Sprache');
  await page.waitForFunction(() => document.querySelector('select')?.value === 'de');
  await read('you');
  // Pressed twice it goes one step on.
  await page.getByRole('button', { name: 'Weiter', exact: true }).evaluate((button) => {
    for (let times = 0; times < 2; times++) /** @type {HTMLElement} */ (button).click();
  });
  await step('Etwas, das denkt');
  await page.getByText('Noch antwortet kein Modell').waitFor();
  await read('model');
  await press('Ohne Modell weiter');
  await step('Hark für unterwegs');
  await read('phone');
  await press('Jetzt nicht');
  await step('Lass Hark sich melden');
  await page.locator('[data-standing]').waitFor();
  await read('notifications');
  await press('Jetzt nicht');
  await step('Deine erste Erinnerung');
  await page.getByRole('textbox', { name: 'Erinnere mich' }).fill('in 2 Sekunden das Brot herausnehmen');
  await press('Hinzufügen');
  await page.locator('[data-offer]').getByText('Gesetzt: das Brot herausnehmen').waitFor();
  await press('Fertig');

  await page.getByRole('heading', { name: 'Woran soll ich für dich denken?' }).waitFor();
  await read('empty');
  const composer = page.getByRole('textbox', { name: 'Nachricht', exact: true });
  await composer.fill('Erinnere mich morgen um 9 an den Zahnarzt');
  await press('Senden');
  await page.getByRole('article', { name: 'Hark' }).getByText('Zahnarzt').waitFor();
  await page.goto(`${daemon.url}/`);
  await page.getByRole('navigation', { name: 'Unterhaltungen' }).getByText('das Brot').waitFor();
  await read('list');
  await page.getByRole('link', { name: /Eingang/ }).click();
  await page.getByRole('article', { name: 'Hark' }).getByText('das Brot herausnehmen').waitFor();
  await read('inbox');

  const settled = {
    reminders: () => page.getByRole('button', { name: 'Optionen für den Zahnarzt' }),
    status: () => page.getByRole('heading', { name: 'Dieses Hark' }),
    settings: () => page.getByText('· dieses Gerät'),
  };
  for (const [view, there] of Object.entries(settled)) {
    await page.goto(`${daemon.url}/?view=${view}`);
    await there().first().waitFor();
    await read(view);
    if (view === 'status') continue;
    await page.setViewportSize(view === 'reminders' ? devices.desktop.viewport : devices.phone.viewport);
    await see(`german-${view}`);
    await page.setViewportSize(narrow);
  }

  await language.selectOption('es');
  await page.getByRole('heading', { name: 'Ajustes', exact: true }).waitFor();
  await page.getByText('este dispositivo').first().waitFor();
  await read('settings', 'es');
  await page.goto(`${daemon.url}/?view=new`);
  await page.getByRole('heading', { name: '¿Qué te recuerdo?' }).waitFor();
  await read('empty', 'es');
  assert.deepEqual(wrong, {});
});
