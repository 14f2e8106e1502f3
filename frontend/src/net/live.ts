import type { EventsAnswer, Message, ServerEvent } from '../core/protocol';
import { call } from './api';
import { Connection, type LineState } from './connection';
import { Tabs } from './tabs';
import { watchLife } from './wake';

/** What tabs say to each other. */
type TabMessage =
  | { t: 'batch'; events: ServerEvent[] }
  | { t: 'state'; state: LineState }
  | { t: 'reload' }
  | { t: 'sync'; from: string }
  | { t: 'synced'; to: string; state: LineState; running: Message[] }
  | { t: 'wake' }
  | { t: 'outbox' };

/** What live updates need of the state they feed. */
export interface LiveOptions {
  /** The cursor that IndexedDB holds; loads the lists first when there is none. Called by the leading tab alone. */
  since(): Promise<string | undefined>;
  /** Events in order. With `own` this tab must also store them, together with their cursor. */
  batch(events: ServerEvent[], own: boolean): void;
  state(state: LineState): void;
  /** Drop every cached record. */
  reset(): Promise<void>;
  /** Write what is not yet in IndexedDB, so that another tab can read it there. */
  flush(): Promise<void>;
  /** Another tab holds the truth: read it from IndexedDB again. */
  reload(): Promise<void>;
  /** Every reply that runs now, with its text so far. */
  running(): Message[];
  /** Another tab changed the outbox. */
  outbox(): void;
}

/** A leader that says nothing for so long is frozen or gone, and the tab in front takes over. */
const ANSWER_WITHIN = 2_000;
/** A leader passes on every beat of the server, one in 25 s. */
const LEADER_SILENCE = 70_000;
/** How long a page may be out of sight before its line is replaced on return. */
const TRUSTED_HIDDEN = 10_000;

/**
 * Live updates for every tab of this browser over one line: the leading tab holds
 * it and tells the others. A tab that joins or wakes is true again after one
 * exchange with the leader, or becomes the leader itself.
 */
export class Live {
  #options: LiveOptions;
  #tabs: Tabs<TabMessage>;
  #connection: Connection;
  #state: LineState = 'connecting';
  #id = crypto.getRandomValues(new Uint32Array(2)).join('-');
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #nap: ReturnType<typeof setTimeout> | undefined;
  #heardAt = Date.now();
  /** The lists were dropped and the other tabs must read the new ones. */
  #wiped = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#tabs = new Tabs<TabMessage>('hark-live', {
      lead: () => this.#lead(),
      yield: () => this.#connection.stop(),
      message: (m) => void this.#heard(m),
    });
    this.#connection = new Connection({
      since: async () => {
        const cursor = await options.since();
        if (this.#wiped) this.#tabs.send({ t: 'reload' });
        this.#wiped = false;
        return cursor;
      },
      batch: (events) => {
        options.batch(events, true);
        this.#tabs.send({ t: 'batch', events });
      },
      state: (state) => this.#setState(state, true),
      reset: async () => {
        await options.reset();
        this.#wiped = true;
      },
      poll: async (since, wait) => {
        const query = `wait=${wait}${since ? `&since=${encodeURIComponent(since)}` : ''}`;
        const answer = await call<EventsAnswer>('GET', `/api/assistant/events?${query}`, {
          timeout: (wait + 15) * 1000,
        });
        return answer.reset ? [{ event: 'reset', data: answer.reset }] : answer.events;
      },
    });
  }

  /** Joins the tabs and keeps the page true until it is closed. */
  start(): void {
    this.#tabs.join();
    this.#sync();
    watchLife({
      awake: (ms) => this.#awake(ms),
      asleep: () => this.#tabs.leave(),
      pushed: () => this.wake(),
    });
    document.addEventListener('visibilitychange', () => this.#napWhenAlone());
    setInterval(() => {
      if (!document.hidden && Date.now() - this.#heardAt > LEADER_SILENCE) this.#sync();
    }, LEADER_SILENCE / 4);
  }

  /** Makes sure that the line is alive: after pairing, after a push, on a person's wish. */
  wake(): void {
    if (this.#tabs.leading) this.#connection.wake(this.#state !== 'live');
    else this.#tabs.send({ t: 'wake' });
  }

  /** Tells the other tabs that the outbox in IndexedDB has changed. */
  outboxChanged(): void {
    this.#tabs.send({ t: 'outbox' });
  }

  #lead(): void {
    clearTimeout(this.#waiting);
    this.#connection.start();
  }

  #awake(ms: number): void {
    this.#tabs.join();
    if (this.#tabs.leading) this.#connection.wake(ms > TRUSTED_HIDDEN);
    else this.#sync();
  }

  /** Asks the leader for what this tab may have missed. */
  #sync(): void {
    if (this.#tabs.leading) return;
    this.#tabs.send({ t: 'sync', from: this.#id });
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      if (!document.hidden) this.#tabs.steal();
    }, ANSWER_WITHIN);
  }

  /** Without a leader each hidden tab would hold a line of the six that a browser has for one plain HTTP server. */
  #napWhenAlone(): void {
    clearTimeout(this.#nap);
    if (!this.#tabs.alone || !document.hidden) return;
    this.#nap = setTimeout(() => this.#tabs.leave(), 3 * TRUSTED_HIDDEN);
  }

  async #heard(m: TabMessage): Promise<void> {
    const leading = this.#tabs.leading;
    this.#heardAt = Date.now();
    if (m.t === 'outbox') this.#options.outbox();
    else if (leading && m.t === 'wake') this.#connection.wake(this.#state !== 'live');
    else if (leading && m.t === 'sync') {
      await this.#options.flush();
      this.#tabs.send({ t: 'synced', to: m.from, state: this.#state, running: this.#options.running() });
      this.#connection.wake();
    } else if (leading) return;
    else if (m.t === 'batch') this.#options.batch(m.events, false);
    else if (m.t === 'state') this.#setState(m.state, false);
    else if (m.t === 'reload') await this.#options.reload();
    else if (m.t === 'synced' && m.to === this.#id) {
      clearTimeout(this.#waiting);
      await this.#options.reload();
      this.#options.batch(
        m.running.map((data) => ({ event: 'message', data })),
        false,
      );
      this.#setState(m.state, false);
    }
  }

  #setState(state: LineState, tell: boolean): void {
    this.#state = state;
    this.#options.state(state);
    if (tell) this.#tabs.send({ t: 'state', state });
  }
}
