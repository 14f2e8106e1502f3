/** What a page tells of being looked at. */
export interface SightWorld {
  tell(event: 'visible' | 'hidden'): void;
  seen(messages: string[]): Promise<unknown>;
}

/** Messages that come together are told of together, well within the second. */
const TOGETHER = 150;
/** The server takes a list of this length. */
const MOST = 100;

/**
 * Tells the server whether this page is in front of somebody, and which messages have been on its screen. On
 * this alone the server withholds a push, so nothing is said that is not so.
 */
export class Sight {
  #world: SightWorld;
  #visible = false;
  #waiting = new Set<string>();
  #told = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(world: SightWorld) {
    this.#world = world;
  }

  /** The page came to the front, or left it. */
  look(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#world.tell(visible ? 'visible' : 'hidden');
  }

  /** A new stream has begun: the server may not know of this page. */
  again(): void {
    if (this.#visible) this.#world.tell('visible');
  }

  /** News is on the screen; `key` names its state, so that the same message can be news again. */
  saw(message: string, key = message): void {
    if (!this.#visible || this.#told.has(key)) return;
    this.#told.add(key);
    this.#waiting.add(message);
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#send(), TOGETHER);
  }

  #send(): void {
    this.#timer = undefined;
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (let at = 0; at < all.length; at += MOST) {
      // What did not get through counts as not seen, and the push comes: that is the safe side.
      void this.#world.seen(all.slice(at, at + MOST)).catch(() => {});
    }
  }
}
