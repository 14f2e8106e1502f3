import assert from 'node:assert/strict';
import { App } from '../lib/app.js';
import { promise } from '../lib/evidence.js';
import { pause } from '../lib/until.js';
import { startWorld } from '../lib/world.js';

promise('Enter that chooses a word in an input method sends nothing; Enter afterwards does', async (t) => {
  const world = await startWorld(t);
  const { page, context } = await world.open();
  const app = new App(page);
  await app.composer.click();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 });
  // While composing browsers report key code 229, and Safari says nothing else after the composition has ended.
  for (const how of [
    { isComposing: true, keyCode: 13 },
    { isComposing: false, keyCode: 229 },
  ]) {
    await app.composer.evaluate((field, init) => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }));
    }, how);
  }
  await pause(200);
  assert.equal(await app.mine.count(), 0);
  await cdp.send('Input.insertText', { text: '日本' });
  assert.equal(await app.composer.inputValue(), '日本');
  await app.composer.press('Enter');
  await app.mine.filter({ hasText: '日本' }).waitFor();
});

promise('Shift and Enter make a new line, and the words are sent as they were typed', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  await app.composer.click();
  await page.keyboard.type('one *star*');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('<b>two</b>');
  await page.keyboard.press('Enter');
  // Once it is answered the row is the daemon's own, not the outbox's.
  await app.replies.first().waitFor();
  assert.equal((await app.texts())[0], 'You: one *star*\n<b>two</b>');
  assert.equal(await app.composer.inputValue(), '');
});

promise('the whole way from the list to an answer goes by keyboard alone', async (t) => {
  const world = await startWorld(t);
  const { page } = await world.open();
  const app = new App(page);
  await app.composer.waitFor();
  await page.keyboard.press('Alt+n');
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  await page.keyboard.type('what can you do?');
  await page.keyboard.press('Enter');
  await app.replies.first().waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.getByRole('searchbox').or(page.getByRole('combobox')).first().waitFor();
  await page.keyboard.press('Escape');
});
