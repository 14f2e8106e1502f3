/** What a group of tabs calls on its member. */
export interface TabsOptions<M> {
  /** This tab holds the line from now on. */
  lead(): void;
  /** This tab holds it no more. */
  yield(): void;
  /** Another tab said something. */
  message(message: M): void;
}

/**
 * The tabs of one browser, of which exactly one leads. Without Web Locks (pages
 * over plain HTTP that are not on this machine have none) every tab leads itself
 * and hears nobody.
 */
export class Tabs<M> {
  #name: string;
  #options: TabsOptions<M>;
  #channel: BroadcastChannel | undefined;
  #release: (() => void) | undefined;
  #joined = 0;
  /** True while this tab holds the line. */
  leading = false;

  constructor(name: string, options: TabsOptions<M>) {
    this.#name = name;
    this.#options = options;
  }

  /** True when there is no way to elect one tab, so that each keeps its own line. */
  get alone(): boolean {
    return !navigator.locks;
  }

  join(): void {
    if (this.#joined) return;
    if (this.alone) {
      this.#joined = 1;
      return this.#lead();
    }
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = (e: MessageEvent<M>) => this.#options.message(e.data);
    this.#request(false);
  }

  leave(): void {
    this.#joined = 0;
    this.#channel?.close();
    this.#channel = undefined;
    this.#yield();
  }

  /** Takes the lead from a tab that does not answer any more. */
  steal(): void {
    if (this.#joined && !this.leading && !this.alone) this.#request(true);
  }

  send(message: M): void {
    this.#channel?.postMessage(message);
  }

  #request(steal: boolean): void {
    const turn = (this.#joined = Math.random());
    const hold = async () => {
      if (turn !== this.#joined) return;
      this.#lead();
      await new Promise<void>((done) => (this.#release = done));
    };
    navigator.locks.request(this.#name, { steal }, hold).catch(() => {
      // Stolen by a tab that took this one for dead: follow it.
      if (turn !== this.#joined) return;
      this.#yield();
      this.#request(false);
    });
  }

  #lead(): void {
    this.leading = true;
    this.#options.lead();
  }

  #yield(): void {
    if (!this.leading) return;
    this.leading = false;
    this.#release?.();
    this.#release = undefined;
    this.#options.yield();
  }
}
