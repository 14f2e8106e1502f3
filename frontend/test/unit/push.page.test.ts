import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Message } from '../../src/core/protocol';
import { newsOf } from '../../src/chat/onscreen';
import { Sight } from '../../src/push/sight';
import { disable, enable, PushTimeout, reconcile, wanted } from '../../src/push/subscription';
import { Tidy } from '../../src/push/tidy';

const key = 'BAEC'; // the bytes 4, 1, 2

function json(body: unknown, status = 200) {
  return new Response(body === undefined ? null : JSON.stringify(body), { status });
}

describe('the page’s subscription', () => {
  let calls: [string, string, unknown][];
  let made: number;
  let existing: ReturnType<typeof subscription> | null;
  let answer: NotificationPermission;
  let state: { state: string; since: string } | undefined;
  let subscribe: () => Promise<ReturnType<typeof subscription>>;

  function subscription(endpoint: string, used = [4, 1, 2]) {
    return {
      endpoint,
      options: { applicationServerKey: Uint8Array.from(used).buffer },
      toJSON: () => ({ endpoint, keys: { p256dh: 'p', auth: 'a' } }),
      unsubscribe: async () => ((existing = null), true),
    };
  }

  beforeEach(() => {
    localStorage.clear();
    calls = [];
    made = 0;
    existing = null;
    answer = 'granted';
    state = undefined;
    subscribe = async () => (made++, (existing = subscription(`https://push.example/${made}`)));
    const registration = { pushManager: { getSubscription: async () => existing, subscribe: () => subscribe() } };
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('PushManager', class {});
    vi.stubGlobal('Notification', {
      get permission() {
        return answer;
      },
      requestPermission: async () => answer,
    });
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      calls.push([init.method ?? 'GET', path, init.body ? (JSON.parse(init.body as string) as unknown) : undefined]);
      return init.method === 'DELETE' ? json(undefined, 204) : json({ key, subscribed: !state, state });
    });
    vi.stubGlobal('navigator', {
      userAgent: 'Chrome',
      maxTouchPoints: 0,
      serviceWorker: { ready: Promise.resolve(registration), getRegistration: async () => registration },
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  const put = () => calls.find(([method]) => method === 'PUT')?.[2];

  it('is told to the server at every load, as it is', async () => {
    existing = subscription('https://push.example/old');
    await reconcile();
    expect(made).toBe(0);
    expect(put()).toEqual({
      endpoint: 'https://push.example/old',
      keys: { p256dh: 'p', auth: 'a' },
      key,
      origin: location.origin,
      display: 'browser',
    });
  });

  it('is made anew when the push service has given it up, although the browser still has it', async () => {
    existing = subscription('https://push.example/dead');
    state = { state: 'off', since: '2026-11-22T18:00:00.000Z' };
    await reconcile();
    expect(put()).toMatchObject({
      endpoint: 'https://push.example/1',
      old_endpoint: 'https://push.example/dead',
    });
  });

  it('is made anew when the browser has dropped it without a word', async () => {
    await reconcile();
    expect(put()).toMatchObject({ endpoint: 'https://push.example/1' });
  });

  it('is made anew for new keys of the server, in place of the old one', async () => {
    existing = subscription('https://push.example/old', [4, 9, 9]);
    await reconcile();
    expect(put()).toMatchObject({ endpoint: 'https://push.example/1', old_endpoint: 'https://push.example/old' });
  });

  it('is left alone without permission, and nothing is asked', async () => {
    answer = 'default';
    await reconcile();
    expect(calls).toEqual([]);
  });

  it('is left alone where there is no secure connection', async () => {
    vi.stubGlobal('isSecureContext', false);
    await reconcile();
    expect(calls).toEqual([]);
  });

  it('ends here and at the server when it is switched off, and stays off at the next load', async () => {
    existing = subscription('https://push.example/old');
    await disable();
    expect(calls).toEqual([['DELETE', '/api/push/subscription', undefined]]);
    expect([existing, wanted()]).toEqual([null, false]);
    await reconcile();
    expect(made).toBe(0);
    expect(await enable({ key, subscribed: false })).toBe('granted');
    expect([made, wanted()]).toEqual([1, true]);
  });

  it('is not made when the person says no', async () => {
    answer = 'denied';
    expect(await enable({ key, subscribed: false })).toBe('denied');
    expect(made).toBe(0);
  });

  it('is given up after 20 s when the browser’s push service is silent', async () => {
    vi.useFakeTimers();
    subscribe = () => new Promise(() => {});
    const failed = expect(enable({ key, subscribed: false })).rejects.toBeInstanceOf(PushTimeout);
    await vi.advanceTimersByTimeAsync(20_000);
    await failed;
  });
});

describe('what is seen', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function page() {
    const told: unknown[] = [];
    const sight = new Sight({ tell: (event) => told.push(event), seen: async (all) => void told.push(all) });
    return { told, sight };
  }

  it('is told together and within a second, once', () => {
    const { told, sight } = page();
    sight.look(true);
    for (const m of ['M1', 'M2', 'M1']) sight.saw(m);
    vi.advanceTimersByTime(999);
    sight.saw('M2');
    vi.advanceTimersByTime(999);
    expect(told).toEqual(['visible', ['M1', 'M2']]);
  });

  it('is told again when the message is news again', () => {
    const { told, sight } = page();
    sight.look(true);
    sight.saw('M1', 'M1 waiting');
    vi.advanceTimersByTime(999);
    sight.saw('M1', 'M1 done');
    vi.advanceTimersByTime(999);
    expect(told).toEqual(['visible', ['M1'], ['M1']]);
  });

  it('is nothing while the page is out of sight', () => {
    const { told, sight } = page();
    sight.saw('M1');
    sight.look(true);
    sight.look(false);
    sight.saw('M2');
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual(['visible', 'hidden']);
  });

  it('begins anew with a new stream, for a page in sight only', () => {
    const { told, sight } = page();
    sight.again();
    sight.look(true);
    sight.look(true);
    sight.again();
    expect(told).toEqual(['visible', 'visible']);
  });
});

describe('notifications of what was read', () => {
  afterEach(() => void vi.useRealTimers());

  it('are closed a calm moment later, and no others', async () => {
    vi.useFakeTimers();
    const open = new Set(['M1', 'M2', 'N1', 'test']);
    let asked = 0;
    const shown = (name: string, data: unknown) => ({ data, close: () => open.delete(name) });
    const tidy = new Tidy({
      notifications: async () => {
        asked++;
        return [
          shown('M1', { message: 'M1', conversation: 'M' }),
          shown('M2', { message: 'M2', conversation: 'M' }),
          shown('N1', { message: 'N1', conversation: 'N' }),
          shown('test', null),
        ];
      },
      readUpto: (c) => (c === 'M' ? 'M1' : undefined),
    });
    tidy.soon();
    await vi.advanceTimersByTimeAsync(1_000);
    tidy.soon();
    await vi.advanceTimersByTimeAsync(1_900);
    expect(asked).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect([asked, [...open]]).toEqual([1, ['M2', 'N1', 'test']]);
  });
});

describe('news', () => {
  const now = Date.parse('2026-11-22T12:00:00.000Z');
  const m: Message = {
    id: 'M1',
    conversation: 'C1',
    role: 'assistant',
    status: 'done',
    text: '',
    attempt: 1,
    created: '2026-11-22T11:00:00.000Z',
    updated: '2026-11-22T11:00:00.000Z',
  };

  it.each<[string, Partial<Message>, boolean]>([
    ['a message', {}, true],
    ['a reply that failed', { status: 'error' }, true],
    ['a question to the owner', { status: 'pending', reason: 'waiting_approval' }, true],
    ['a reply that still runs', { status: 'streaming' }, false],
    ['one’s own words', { role: 'user' }, false],
    ['what is days old', { updated: '2026-11-19T11:00:00.000Z' }, false],
  ])('is %s: %#', (_name, change, want) => expect(newsOf({ ...m, ...change }, now) !== '').toBe(want));
});
