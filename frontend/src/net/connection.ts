import { backoff } from '../core/backoff';
import type { ServerEvent } from '../core/protocol';
import { ApiError } from './api';
import { openStream, type Line } from './stream';

/** `unpaired`: the server does not know this browser; nothing is tried until `wake`. */
export type LineState = 'connecting' | 'live' | 'offline' | 'unpaired';

/** What a connection needs of its owner. */
export interface ConnectionOptions {
  /** The cursor to go on from. May load the lists first when there is none; its ApiError counts as a failed try. */
  since(): Promise<string | undefined>;
  /** Events in order, in batches of about one frame. */
  batch(events: ServerEvent[]): void;
  state(state: LineState): void;
  /** The cursor is of no use any more: drop cached records, so that `since` loads them again. */
  reset(): Promise<void>;
  /** The same events as JSON, for networks that hold a stream back. `wait` is in seconds. */
  poll(since: string | undefined, wait: number): Promise<ServerEvent[]>;
}

/** The server beats every 25 s; after two and a bit the line is dead, whatever the socket says. */
const SILENCE = 60_000;
/** A page that was hidden or asleep does not trust a line it has not heard for longer than a beat. */
const DOUBT = 30_000;
const HELLO_WITHIN = 10_000;
const TICK = 5_000;
/** So many streams in a row without a word, while polling works: something holds them back. */
const MUTE_STREAMS = 3;
const STREAM_AGAIN = 5 * 60_000;

/**
 * Keeps one line to the server open from a cursor, through sleep, dead sockets,
 * restarts and proxies that buffer. Makes no promise about time, but after `wake`
 * it is trying within the same task.
 */
export class Connection {
  #options: ConnectionOptions;
  #line: Line | undefined;
  #run = 0;
  #tries = 0;
  #mute = 0;
  #heard = 0;
  #ticked = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #hello: ReturnType<typeof setTimeout> | undefined;
  #tick: ReturnType<typeof setInterval> | undefined;
  #queue: ServerEvent[] = [];
  #flushing = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ticked = Date.now();
    this.#tick ??= setInterval(() => this.#watch(), TICK);
    this.#tries = 0;
    void this.#open();
  }

  stop(): void {
    clearInterval(this.#tick);
    this.#tick = undefined;
    this.#drop();
    this.#flush();
  }

  /** Makes sure that the line is alive now. With `force` a line that looks alive is replaced too. */
  wake(force = false): void {
    if (!this.#tick) return;
    if (!force && this.#line && Date.now() - this.#heard < DOUBT) return;
    this.#tries = 0;
    void this.#open();
  }

  #watch(): void {
    const now = Date.now();
    const slept = now - this.#ticked > 4 * TICK;
    this.#ticked = now;
    if (slept) this.wake(true);
    else if (this.#line && now - this.#heard > SILENCE) void this.#open();
  }

  #drop(): void {
    this.#run++;
    this.#line?.close();
    this.#line = undefined;
    clearTimeout(this.#retry);
    clearTimeout(this.#hello);
  }

  async #open(): Promise<void> {
    this.#drop();
    const run = this.#run;
    this.#flush();
    this.#heard = Date.now();
    let since: string | undefined;
    try {
      since = await this.#options.since();
    } catch (cause) {
      if (run === this.#run) this.#failed(cause);
      return;
    }
    if (run !== this.#run) return;
    if (this.#mute >= MUTE_STREAMS) return this.#pollOn(run);
    this.#heard = Date.now();
    this.#hello = setTimeout(() => this.#lost(false), HELLO_WITHIN);
    let greeted = false;
    this.#line = openStream(since, {
      event: (ev) => {
        greeted = true;
        this.#event(ev);
      },
      failed: () => this.#lost(greeted),
    });
  }

  #event(ev: ServerEvent): void {
    this.#heard = Date.now();
    clearTimeout(this.#hello);
    this.#mute = 0;
    if (ev.event === 'reset') return void this.#reset();
    if (ev.event === 'bye') return this.#again();
    this.#push(ev);
    if (ev.event === 'ready') {
      this.#tries = 0;
      this.#options.state('live');
    }
  }

  async #reset(): Promise<void> {
    this.#drop();
    this.#queue = [];
    await this.#options.reset();
    if (this.#tick) await this.#open();
  }

  /** The stream broke. One that had spoken is simply opened again; one that never did is looked into by a poll. */
  #lost(greeted: boolean): void {
    if (greeted) return this.#again();
    this.#drop();
    const run = this.#run;
    void (async () => {
      try {
        const events = await this.#options.poll(await this.#options.since(), 0);
        if (run !== this.#run) return;
        this.#mute++;
        if (events.some((ev) => ev.event === 'reset')) return void this.#reset();
        events.forEach((ev) => this.#push(ev));
        this.#options.state('live');
        this.#again(true);
      } catch (cause) {
        if (run === this.#run) this.#failed(cause);
      }
    })();
  }

  #failed(cause: unknown): void {
    const status = cause instanceof ApiError ? cause.status : 0;
    if (status === 401) {
      this.#drop();
      return this.#options.state('unpaired');
    }
    this.#options.state('offline');
    this.#again(true, cause instanceof ApiError ? cause.retryAfter : undefined);
  }

  /** Tries again after a pause. With `told` the owner knows the state already. */
  #again(told = false, wait?: number): void {
    this.#drop();
    if (!told && this.#tries > 0) this.#options.state('offline');
    else if (!told) this.#options.state('connecting');
    const pause = wait ?? backoff(this.#tries++, { first: 400, longest: 30_000 });
    this.#retry = setTimeout(() => void this.#open(), pause);
  }

  async #pollOn(run: number): Promise<void> {
    const until = Date.now() + STREAM_AGAIN;
    try {
      while (run === this.#run && Date.now() < until) {
        const events = await this.#options.poll(await this.#options.since(), 25);
        if (run !== this.#run) return;
        this.#heard = Date.now();
        if (events.some((ev) => ev.event === 'reset')) return void this.#reset();
        events.forEach((ev) => this.#push(ev));
        this.#flush();
        this.#options.state('live');
      }
      this.#mute = MUTE_STREAMS - 1;
      if (run === this.#run) void this.#open();
    } catch (cause) {
      if (run === this.#run) this.#failed(cause);
    }
  }

  #push(ev: ServerEvent): void {
    this.#queue.push(ev);
    if (this.#flushing) return;
    this.#flushing = true;
    // A hidden page's timers run once a second, but other tabs may be looking at what this one hears.
    if (document.hidden) queueMicrotask(() => this.#flush());
    else setTimeout(() => this.#flush(), 16);
  }

  #flush(): void {
    this.#flushing = false;
    const events = this.#queue;
    this.#queue = [];
    if (events.length) this.#options.batch(events);
  }
}
