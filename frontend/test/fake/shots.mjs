// Takes a picture of every screen, phone and desktop, light and dark, into test/shots/.
import { mkdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { endpoint } from './push.mjs';
import { startFake } from './server.mjs';

const out = new URL('../shots/', import.meta.url).pathname;
mkdirSync(out, { recursive: true });
const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const only = process.argv[2];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const open = (title) => async (page) => {
  await page.getByRole('link', { name: title }).first().click();
  await page.locator('.scroll.placed').waitFor();
};
const openReminders = (view) => async (page) => {
  await page.getByRole('link', { name: 'Reminders' }).click();
  await page.locator('[data-reminder]').first().waitFor();
  if (view) await page.getByRole('radio', { name: view }).click();
};
const screens = {
  list: async () => {},
  inbox: open('Inbox'),
  thread: open('Sourdough'),
  steps: open('Trip to Berlin'),
  unfolded: async (page) => {
    await open('Trip to Berlin')(page);
    await page.waitForTimeout(300);
    await page.getByRole('log').evaluate((log) => (log.scrollTop = 0));
    await page.getByText('What the model thought').click();
    for (const name of ['Search the messages', 'Read file']) await page.getByText(name).first().click();
    await page.waitForTimeout(300);
  },
  error: open('Home server'),
  rtl: open('القاهرة'),
  menu: async (page) => {
    await open('Home server')(page);
    await page
      .locator('header')
      .getByRole('button', { name: /Options for/ })
      .last()
      .click();
  },
  stream: async (page) => {
    await open('Sourdough')(page);
    await page.getByRole('textbox').fill('And a long one?');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.waitForTimeout(2500);
  },
  new: async (page) => {
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await page.waitForTimeout(200);
  },
  search: async (page) => {
    await page.getByRole('button', { name: 'Search' }).first().click();
    await page.getByRole('searchbox').fill('bread');
    await page.locator('[data-result]').first().waitFor();
  },
  settings: async (page) => {
    await page.getByRole('button', { name: 'Settings' }).first().click();
    await page.getByText('Backup script').waitFor();
  },
  notifications: async (page) => {
    await page.getByRole('button', { name: 'Settings' }).first().click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('It arrived after').waitFor();
    await page.getByRole('heading', { name: 'Notifications' }).evaluate((h) => h.scrollIntoView());
  },
  devices: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/?view=devices`);
    await page.getByText('Kitchen tablet').waitFor();
  },
  trouble: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/?view=new`);
    await page.locator('[data-note=push]').waitFor();
  },
  doctor: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/?view=doctor`);
    await page.getByText('26 hours').waitFor();
  },
  delivery: async (page) => {
    await open('Inbox')(page);
    const m = page.getByRole('article', { name: 'Hark' }).last();
    await m.hover();
    await m.getByRole('button', { name: 'Message options' }).click();
    await page.getByRole('menuitem', { name: 'Delivery' }).click();
    await page.getByText('BadJwtToken').waitFor();
  },
  quiet: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/?view=devices`);
    await page.getByRole('button', { name: 'Change: Quiet hours' }).last().click();
    await page.getByRole('dialog').waitFor();
  },
  mutes: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/?view=devices`);
    await page.getByRole('button', { name: 'Change: Muted sources' }).first().click();
    await page.getByRole('dialog').getByText('Backup script').waitFor();
  },
  reminders: openReminders(),
  agenda: openReminders('Agenda'),
  month: openReminders('Month'),
  remind: async (page) => {
    await openReminders()(page);
    await page.getByRole('textbox', { name: 'Remind me' }).fill('every weekday at 8:30 to stand up');
    await page.getByText('Weekdays at 08:30').first().waitFor();
  },
  editor: async (page) => {
    await openReminders()(page);
    await page.locator('[data-reminder]').filter({ hasText: 'Stand-up' }).getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByRole('listitem').nth(4).waitFor();
  },
  models: async (page) => {
    await page.getByRole('button', { name: 'Settings' }).first().click();
    await page.getByRole('heading', { name: 'Models' }).scrollIntoViewIfNeeded();
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.getByRole('textbox', { name: 'Model', exact: true }).fill('bad');
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByText('The server has no model').waitFor();
  },
  tools: async (page) => {
    await page.getByRole('button', { name: 'Settings' }).first().click();
    await page.getByText('What it printed last').click();
    await page.getByRole('heading', { name: 'Tools' }).evaluate((h) => h.scrollIntoView());
  },
  usage: async (page) => {
    await page.getByRole('button', { name: 'Settings' }).first().click();
    await page.getByText('As a table').waitFor();
    await page.getByRole('heading', { name: 'Usage' }).evaluate((h) => h.scrollIntoView());
  },
  memory: async (page) => {
    await page.goto(`${new URL(page.url()).origin}/?view=memory`);
    await page.getByText('spare key').waitFor();
  },
  choice: async (page) => {
    await open('Home server')(page);
    await page
      .locator('header')
      .getByRole('button', { name: /Options for/ })
      .last()
      .click();
    await page.getByRole('menuitem', { name: 'Model' }).click();
    await page.getByText('Qwen at home').waitFor();
  },
  versions: async (page) => {
    await open('Sourdough')(page);
    for (const text of ['Yes, but only the first two', 'No, thank you']) {
      await page.getByRole('article', { name: 'You' }).last().hover();
      await page.getByRole('article', { name: 'You' }).last().getByRole('button', { name: 'Message options' }).click();
      await page.getByRole('menuitem', { name: 'Edit and send again' }).click();
      await page.getByRole('textbox', { name: 'Edit and send again' }).fill(text);
      await page.screenshot({ path: `${out}edit.png` });
      await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
      await page.getByRole('log').getByText(`In place of the old one: ${text}`).waitFor();
    }
    await page.getByRole('button', { name: 'Older version' }).click();
    await page.getByText('2 of 3').waitFor();
  },
  offline: async (page, fake) => {
    await open('Sourdough')(page);
    fake.setDown(true);
    await page.getByRole('textbox').fill('Is the oven hot enough?');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('[data-note=offline]').waitFor({ timeout: 15000 });
    await page.waitForTimeout(300);
  },
  pair: async (page) => page.getByRole('heading', { name: /Pair/ }).waitFor(),
};
/** A browser that has a worker and a subscription, as far as the page can tell. */
function subscribed(address) {
  Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
  const subscription = { endpoint: address, options: {}, toJSON: () => ({ endpoint: address }) };
  const active = { postMessage: ({ type }, [port] = []) => type === 'build' && port.postMessage('5e1f00d2c0de') };
  const registration = {
    active,
    getNotifications: async () => [],
    pushManager: { getSubscription: async () => subscription },
  };
  navigator.serviceWorker.getRegistration = async () => registration;
  Object.defineProperty(navigator.serviceWorker, 'ready', { get: async () => registration });
}

let bad = 0;
for (const [name, act] of Object.entries(screens)) {
  if (only && !only.split(',').includes(name)) continue;
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark']) {
      const fake = await startFake({ empty: name === 'new', pairing: name === 'pair' });
      const context = await browser.newContext({
        viewport,
        colorScheme,
        hasTouch: size === 'phone',
        isMobile: size === 'phone',
        serviceWorkers: 'block',
        locale: 'en-GB',
        timezoneId: 'Europe/Berlin',
      });
      const page = await context.newPage();
      page.on(
        'console',
        (m) =>
          ['error', 'warning'].includes(m.type()) &&
          name !== 'offline' &&
          name !== 'pair' &&
          console.log(name, m.text()),
      );
      page.on('pageerror', (e) => console.log(name, 'PAGE ERROR', e.message, e.stack));
      await page.addInitScript(axe);
      await page.addInitScript(subscribed, endpoint);
      await page.goto(fake.url);
      if (name !== 'pair') await page.getByRole('navigation').first().waitFor();
      await page.waitForTimeout(300);
      await act(page, fake);
      await page.waitForTimeout(350);
      await page.screenshot({ path: `${out}${name}-${size}-${colorScheme}.png` });
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      for (const v of violations) {
        bad++;
        console.log(
          'AXE',
          name,
          size,
          colorScheme,
          v.id,
          v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).slice(0, 3),
        );
      }
      await context.close();
      await fake.close();
    }
  }
}
await browser.close();
console.log(`${bad} violations`);
process.exit(bad ? 1 : 0);
