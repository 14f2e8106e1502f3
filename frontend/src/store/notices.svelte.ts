/** Short words for a person: one line on the screen, one voice for screen readers. */
export class Notices {
  /** Shown at the edge of the screen for a few seconds. */
  toast = $state('');
  /** Read out by the app's one polite live region. */
  spoken = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(text: string): void {
    this.toast = text;
    this.say(text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.toast = ''), 5_000);
  }

  say(text: string): void {
    // The same words twice are a change to the eye only if something differs.
    this.spoken = text === this.spoken ? `${text}\u00a0` : text;
  }
}

/** One for the page: a second live region would talk over the first. */
export const notices = new Notices();
