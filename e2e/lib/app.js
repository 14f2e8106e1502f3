import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { until } from './until.js';

/** The app in one tab, by the names that a person sees or hears. */
export class App {
  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    this.composer = page.getByRole('textbox', { name: 'Message', exact: true });
    this.thread = page.getByRole('log', { name: 'Messages' });
    this.mine = this.thread.getByRole('article', { name: 'You' });
    this.replies = this.thread.getByRole('article', { name: 'Hark' });
    this.list = page.getByRole('navigation', { name: 'Conversations' });
    this.stopButton = page.getByRole('button', { name: 'Stop the reply' });
    this.jump = page.getByRole('button', { name: 'Jump to the latest message' });
  }

  /**
   * Types a message and sends it with the button.
   * @param {string} text
   */
  async send(text) {
    await this.composer.fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
    await this.mine.filter({ hasText: text }).last().waitFor();
  }

  /**
   * The reply that holds these words.
   * @param {string | RegExp} text
   */
  reply(text) {
    return this.replies.filter({ hasText: text });
  }

  /** The text of every message on the screen, in order, without its status line. */
  async texts() {
    return this.thread.locator('article').evaluateAll((articles) =>
      articles.map((article) => {
        const body = article.querySelector('.bubble, .prose');
        return `${article.getAttribute('aria-label')}: ${body?.textContent?.trim() ?? ''}`;
      }),
    );
  }

  /**
   * Demands that the thread shows just these messages, as `texts` tells them, now or in a moment.
   * @param {string[]} expected
   */
  async shows(expected) {
    const same = async () => isDeepStrictEqual(await this.texts(), expected);
    await until('the thread to be as expected', same, { within: 5000 }).catch(() => {});
    assert.deepEqual(await this.texts(), expected);
  }

  /**
   * Opens a conversation from the list.
   * @param {string | RegExp} name
   */
  async openConversation(name) {
    await this.list.getByRole('link', { name }).click();
    await this.thread.waitFor();
  }

  /** The id of the open conversation. */
  async conversation() {
    // A chat that the daemon does not know yet has an id of the page's own, with a tilde.
    return until('the chat to have its id', () => {
      const id = new URL(this.page.url()).searchParams.get('c');
      return id?.startsWith('~') ? undefined : id;
    });
  }
}

/**
 * Seconds on a running clock.
 * @param {import('playwright-core').Locator} clock
 */
export async function seconds(clock) {
  const [minutes, rest] = ((await clock.textContent()) ?? '').split(':').map(Number);
  return (minutes ?? 0) * 60 + (rest ?? 0);
}
