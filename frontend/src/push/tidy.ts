/** A notification on the screen, as a page sees it. */
export interface Shown {
  readonly data: unknown;
  close(): void;
}

/** The parts of the page's world that tidying up needs. */
export interface TidyWorld {
  notifications(): Promise<readonly Shown[]>;
  /** The newest message of a conversation that was read on any device. */
  readUpto(conversation: string): string | undefined;
}

/** Chromium forgets a notification that it is just showing when it is asked for the list. */
const CALM = 2_000;

/** Closes the notifications of messages that were read, here or on another device, a moment after the last of them. */
export class Tidy {
  #world: TidyWorld;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(world: TidyWorld) {
    this.#world = world;
  }

  /** Something was read, or a notification has come. */
  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tidy().catch(() => {}), CALM);
  }

  async #tidy(): Promise<void> {
    for (const n of await this.#world.notifications()) {
      const { message, conversation } = (n.data ?? {}) as { message?: string; conversation?: string };
      const upto = conversation && this.#world.readUpto(conversation);
      if (message && upto && message <= upto) n.close();
    }
  }
}
