/** Set while this browser sets Hark up, and has not come to the end. */
export const BEGUN = 'hark-setup';

/** The language that the owner has chosen, as far as this browser knows; empty is the browser's own. */
export const LANGUAGE = 'hark-language';

/** How this browser likes to look at things; kept in localStorage, so that the first paint knows it. */
export type Theme = 'system' | 'light' | 'dark';

export const TEXT_SIZES = [80, 90, 100, 115, 130, 150, 175, 200] as const;

/** What this browser keeps under a name, if it lets a page keep anything. */
export const read = (key: string) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

/** Keeps it. */
export const write = (key: string, value: string) => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage switched off: the choice lasts as long as the page.
  }
};

/** The looks, applied to the page as soon as they change. */
export class Prefs {
  #theme = $state<Theme>('system');
  #size = $state(100);

  constructor() {
    const theme = read('hark-theme');
    this.#theme = theme === 'light' || theme === 'dark' ? theme : 'system';
    this.#size = Number(read('hark-size')) || 100;
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    write('hark-theme', theme);
    document.documentElement.dataset.theme = theme;
  }

  /** Percent of the browser's own text size. */
  get size(): number {
    return this.#size;
  }

  set size(size: number) {
    this.#size = size;
    write('hark-size', String(size));
    document.documentElement.style.fontSize = `${size}%`;
  }
}

/** One for the page: every component reads the same. */
export const prefs = new Prefs();
