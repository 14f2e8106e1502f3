import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerEvent } from '../../src/core/protocol';
import { ApiError } from '../../src/net/api';
import { Connection, type LineState } from '../../src/net/connection';

/** An EventSource whose server is the test. */
class Source extends EventTarget {
  static all: Source[] = [];
  closed = false;
  onerror: (() => void) | undefined;

  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  close() {
    this.closed = true;
  }
  say(event: string, data: unknown, id = '') {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data), lastEventId: id }));
  }
  greet() {
    this.say('hello', { epoch: 'e', head: 'e-1', version: '1', time: '', beat_s: 25 });
    this.say('ready', { head: 'e-1' });
  }
}

const last = () => Source.all.at(-1)!;

let states: LineState[];
let seen: ServerEvent[];
let polled: (since: string | undefined, wait: number) => Promise<ServerEvent[]>;
let since: () => Promise<string | undefined>;
let resets: number;
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Source);
  Source.all = [];
  [states, seen, resets] = [[], [], 0];
  polled = async () => [];
  since = async () => 'e-1';
  connection = new Connection({
    since: () => since(),
    batch: (events) => seen.push(...events),
    state: (state) => states.push(state),
    reset: async () => void resets++,
    poll: (...args) => polled(...args),
  });
});
afterEach(() => {
  connection.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const start = async () => {
  connection.start();
  await vi.advanceTimersByTimeAsync(0);
};

describe('a line', () => {
  it('opens from the cursor, asks not to be told too much, and passes events on in order', async () => {
    await start();
    expect(last().url).toBe('/api/assistant/stream?max=2000&since=e-1');
    last().greet();
    last().say('message', { id: 'm1' }, 'e-2');
    last().say('delta', { message: 'm1', attempt: 1, at: 0, text: 'x' }, 'e-2');
    await vi.advanceTimersByTimeAsync(20);
    expect(seen.map((ev) => [ev.event, ev.id])).toEqual([
      ['hello', undefined],
      ['ready', undefined],
      ['message', 'e-2'],
      ['delta', undefined],
    ]);
    expect(states).toEqual(['live']);
  });

  it('that has beaten stays; one that is silent for a minute is replaced', async () => {
    await start();
    last().greet();
    for (let i = 0; i < 4; i++) {
      await vi.advanceTimersByTimeAsync(25_000);
      last().say('beat', { head: 'e-1', time: '' });
    }
    expect(Source.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(70_000);
    expect(Source.all).toHaveLength(2);
    expect(Source.all[0]?.closed).toBe(true);
  });

  it('is replaced at once after the machine has slept, however alive it looks', async () => {
    await start();
    last().greet();
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(Source.all).toHaveLength(2);
  });

  it('that breaks is opened again from the newest cursor, and a bye is no alarm', async () => {
    await start();
    last().greet();
    since = async () => 'e-9';
    last().say('bye', { reason: 'shutdown' });
    await vi.advanceTimersByTimeAsync(500);
    expect(last().url).toContain('since=e-9');
    last().greet();
    last().onerror?.();
    await vi.advanceTimersByTimeAsync(500);
    expect(Source.all).toHaveLength(3);
    expect(states).not.toContain('offline');
  });

  it('that cannot be had is tried again, slower and slower, and at once on waking', async () => {
    since = async () => {
      throw new ApiError(0, 'unreachable', 'down');
    };
    await start();
    expect(states.at(-1)).toBe('offline');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(Source.all).toHaveLength(0);
    since = async () => 'e-1';
    connection.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(Source.all).toHaveLength(1);
  });

  it('of a browser that is not paired is not tried until somebody pairs it', async () => {
    since = async () => {
      throw new ApiError(401, 'unauthorized', 'Who are you?');
    };
    await start();
    expect(states).toEqual(['unpaired']);
    since = async () => 'e-1';
    await vi.advanceTimersByTimeAsync(600_000);
    expect(Source.all).toHaveLength(0);
    connection.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(Source.all).toHaveLength(1);
  });

  it('whose cursor is of no use drops the cache and starts anew', async () => {
    await start();
    last().say('hello', { epoch: 'f', head: 'f-1', version: '1', time: '', beat_s: 25 });
    last().say('reset', { reason: 'epoch', head: 'f-1' });
    since = async () => 'f-1';
    await vi.advanceTimersByTimeAsync(20);
    expect(resets).toBe(1);
    expect(last().url).toContain('since=f-1');
  });
});

describe('behind a proxy that holds streams back', () => {
  it('what is new comes by polling, and the stream is tried again later', async () => {
    let polls = 0;
    polled = async (_since, wait) => {
      polls++;
      if (wait) await new Promise((done) => setTimeout(done, wait * 1000));
      return [{ event: 'message', id: 'e-2', data: { id: 'm1' } } as ServerEvent];
    };
    await start();
    await vi.advanceTimersByTimeAsync(45_000);
    expect(Source.all).toHaveLength(3);
    expect(states.at(-1)).toBe('live');
    const before = polls;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(polls).toBeGreaterThan(before + 2);
    expect(Source.all).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(Source.all.length).toBeGreaterThan(3);
  });

  it('a reset that comes by polling counts as well', async () => {
    polled = async () => [{ event: 'reset', data: { reason: 'epoch', head: 'f-1' } }];
    await start();
    last().onerror?.();
    await vi.advanceTimersByTimeAsync(10);
    expect(resets).toBe(1);
  });
});
