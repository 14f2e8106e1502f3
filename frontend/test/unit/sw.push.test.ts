import { describe, expect, it } from 'vitest';
import { open, type AppWindow } from '../../src/sw/click';
import { parse, receive, type NoticeOptions } from '../../src/sw/push';
import { renew } from '../../src/sw/subscription';

const origin = 'http://127.0.0.1:4275';
const payload = {
  web_push: 8030,
  notification: {
    title: 'Oven',
    body: 'Take the bread out',
    navigate: '/c/C1#M1',
    tag: 'M1',
    data: { message: 'M1', conversation: 'C1' },
  },
  app_badge: 3,
};

function world(refuse: (options: Partial<NoticeOptions>) => boolean = () => false) {
  const log: unknown[] = [];
  const tell = (name: string) => ({ postMessage: (message: unknown) => log.push([name, message]) });
  return {
    log,
    origin,
    show: async (title: string, options: Partial<NoticeOptions>) => {
      if (refuse(options)) throw new TypeError('bad option');
      log.push(['shown', title, options.body]);
    },
    windows: async () => [tell('a'), tell('b')],
    setBadge: async (count: number) => void log.push(['badge', count]),
  };
}

describe('a push', () => {
  it('shows one notification, tells every window and sets the badge', async () => {
    const w = world();
    await receive(JSON.stringify(payload), w);
    const told = { type: 'push', message: 'M1', conversation: 'C1' };
    expect(w.log).toHaveLength(4);
    expect(w.log).toEqual(
      expect.arrayContaining([
        ['shown', 'Oven', 'Take the bread out'],
        ['a', told],
        ['b', told],
        ['badge', 3],
      ]),
    );
  });

  it.each([
    '',
    '   ',
    'just words',
    '{"half":',
    '[]',
    'null',
    '42',
    '{}',
    '{"notification":null}',
    '{"notification":{"title":7}}',
  ])('of %j still shows a notification with words in it', async (text) => {
    const w = world();
    await receive(text, w);
    const shown = w.log.filter((entry) => Array.isArray(entry) && entry[0] === 'shown') as string[][];
    expect(shown).toHaveLength(1);
    expect(shown[0]?.[1]).toBe('Hark');
    expect(shown[0]?.[2]).toBeTruthy();
  });

  it('is shown although telling the windows and the badge fail', async () => {
    const w = {
      ...world(),
      windows: () => Promise.reject(new Error('no')),
      setBadge: () => Promise.reject(new Error('no')),
    };
    await receive(JSON.stringify(payload), w);
    expect(w.log).toEqual([['shown', 'Oven', 'Take the bread out']]);
  });

  it('is shown with its words alone when the browser refuses an option', async () => {
    const w = world((options) => options.tag !== undefined);
    await receive(JSON.stringify(payload), w);
    expect(w.log).toContainEqual(['shown', 'Oven', 'Take the bread out']);
  });

  it('replaces the notification of the same message only: the message is the tag unless the server names one', () => {
    const { tag, ...rest } = payload.notification;
    expect(parse(JSON.stringify(payload), origin).options.tag).toBe(tag);
    expect(parse(JSON.stringify({ notification: rest }), origin).options.tag).toBe('M1');
    expect(parse('words', origin).options.tag).toBeUndefined();
  });

  it.each([
    ['/c/1', '/c/1'],
    [`${origin}/c/1?x#m`, '/c/1?x#m'],
    ['https://evil.example/c/1', '/'],
    ['//evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    [undefined, '/'],
    [7, '/'],
  ])('that leads to %j opens %j', (navigate, want) => {
    expect(parse(JSON.stringify({ notification: { title: 't', navigate } }), origin).target.navigate).toBe(want);
  });

  it('takes only the options it knows, and only of the right kind', () => {
    const n = {
      title: 't',
      body: 'b',
      image: 'https://evil.example/x.png',
      icon: '//evil.example',
      silent: 'yes',
      actions: [{ action: 'done', title: 'Done' }, {}, 'x'],
    };
    const { options } = parse(JSON.stringify({ notification: n }), origin);
    expect(options).toEqual({
      body: 'b',
      icon: '/icon-192.png',
      badge: '/badge-96.png',
      data: { navigate: '/' },
      actions: [{ action: 'done', title: 'Done' }],
    });
  });

  it.each([
    [0, 0],
    [12, 12],
    [-1, undefined],
    [1.5, undefined],
    ['3', undefined],
  ])('with the badge %j sets %j', (value, want) => {
    expect(parse(JSON.stringify({ ...payload, app_badge: value }), origin).badge).toBe(want);
  });
});

describe('a tap on a notification', () => {
  const target = { navigate: '/c/C1#M1', message: 'M1', conversation: 'C1' };

  function windows(...states: Partial<AppWindow & { broken: boolean }>[]) {
    const log: unknown[] = [];
    const all = states.map((state, n) => ({
      focused: false,
      visibilityState: 'hidden',
      focus: async () => {
        if (state.broken) throw new Error('gone');
        log.push(`focus ${n}`);
      },
      postMessage: (message: unknown) => log.push([n, message]),
      ...state,
    }));
    return { log, world: { windows: async () => all, open: async (path: string) => log.push(`open ${path}`) } };
  }
  const told = { type: 'open', message: 'M1', conversation: 'C1' };

  it('focuses the window that is there before it tells it', async () => {
    const { log, world } = windows({});
    await open(target, world);
    expect(log).toEqual(['focus 0', [0, told]]);
  });

  it('prefers the window that the person looks at', async () => {
    const { log, world } = windows({}, { visibilityState: 'visible' }, { visibilityState: 'visible', focused: true });
    await open(target, world);
    expect(log[0]).toBe('focus 2');
  });

  it('opens a window when there is none, or when the one there is gone', async () => {
    const none = windows();
    await open(target, none.world);
    expect(none.log).toEqual(['open /c/C1#M1']);
    const gone = windows({ broken: true });
    await open(target, gone.world);
    expect(gone.log).toEqual(['open /c/C1#M1']);
  });
});

describe('a subscription that the browser dropped', () => {
  function daemon(status = 204) {
    const calls: unknown[] = [];
    return {
      calls,
      subscribe: async (key: string) => ({ toJSON: () => ({ endpoint: `https://push.example/${key}` }) }),
      fetch: async (path: string, init?: { method: string; body: string }) => {
        calls.push([init?.method ?? 'GET', path, init && (JSON.parse(init.body) as unknown)]);
        return init ? new Response(null, { status }) : new Response('{"key":"KEY"}');
      },
    };
  }

  it('is made again with the daemon’s key and told to it', async () => {
    const d = daemon();
    await renew(d);
    expect(d.calls).toEqual([
      ['GET', '/api/push', undefined],
      ['PUT', '/api/push/subscription', { endpoint: 'https://push.example/KEY' }],
    ]);
  });

  it('is only told when the browser made the new one itself', async () => {
    const d = daemon();
    await renew(d, { toJSON: () => ({ endpoint: 'https://push.example/new' }) });
    expect(d.calls).toEqual([['PUT', '/api/push/subscription', { endpoint: 'https://push.example/new' }]]);
  });

  it('is an error when the daemon refuses it', async () => {
    await expect(renew(daemon(401))).rejects.toThrow('HTTP 401');
  });
});
