interface InstallPrompt extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

/** The browser's offer to install the app, kept until a person wants it. */
export class Install {
  #prompt = $state.raw<InstallPrompt>();

  constructor() {
    addEventListener('beforeinstallprompt', (e) => {
      e.preventDefault();
      this.#prompt = e as InstallPrompt;
    });
    addEventListener('appinstalled', () => (this.#prompt = undefined));
  }

  get possible(): boolean {
    return this.#prompt !== undefined;
  }

  async ask(): Promise<void> {
    await this.#prompt?.prompt();
    this.#prompt = undefined;
  }
}
