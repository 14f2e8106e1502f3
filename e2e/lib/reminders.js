import assert from 'node:assert/strict';

/** The reminders screen in one tab, by the names that a person sees or hears, and the API behind it. */
export class Reminders {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.line = page.getByRole('textbox', { name: 'Remind me' });
    this.understood = page.getByRole('group', { name: 'What Hark understood' });
    this.rows = page.locator('[data-reminder]');
    this.offer = page.locator('[data-offer]');
    this.dialog = page.getByRole('dialog');
  }

  /** Opens the screen from the list of conversations. */
  async open() {
    await this.page.getByRole('navigation').getByRole('link', { name: 'Reminders' }).click();
    await this.line.waitFor();
  }

  /** @param {string | RegExp} text */
  row(text) {
    return this.rows.filter({ hasText: text });
  }

  /**
   * Types a reminder into the line and adds it.
   * @param {string} words
   */
  async add(words) {
    await this.line.fill(words);
    await this.understood
      .getByText(/\d\d:\d\d/)
      .first()
      .waitFor();
    await this.line.press('Enter');
    await this.offer.filter({ hasText: 'Set:' }).waitFor();
  }

  /**
   * Chooses from the menu of a row.
   * @param {string} text
   * @param {string} act
   */
  async choose(text, act) {
    await this.page.getByRole('button', { name: `Options for ${text}` }).click();
    await this.page.getByRole('menuitem', { name: act }).click();
  }

  /** @param {'List' | 'Agenda' | 'Month'} name */
  async show(name) {
    await this.page.getByRole('radio', { name }).click();
  }

  /**
   * Calls the daemon as this browser and returns its answer.
   * @param {'get' | 'post' | 'put' | 'delete'} method
   * @param {string} path
   * @param {unknown} [data]
   */
  async call(method, path, data) {
    const url = new URL(path, this.page.url()).href;
    const answer = await this.page.context().request[method](url, data === undefined ? {} : { data });
    assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
    const text = await answer.text();
    return text ? /** @type {any} */ (JSON.parse(text)) : undefined;
  }

  /** Every reminder that the daemon has. */
  async all() {
    return /** @type {any[]} */ ((await this.call('get', '/api/reminders')).reminders);
  }
}
