import { describe, expect, it } from 'vitest';
import { parse, receive, type NoticeOptions } from '../../src/sw/push';

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

const record = {
  id: 'M1',
  conversation: 'C1',
  role: 'assistant',
  text: 'Take the…',
  created: '2026-11-22T10:00:00.000Z',
};
const whole = {
  ...payload,
  notification: { ...payload.notification, data: { ...payload.notification.data, receipt: 'M1.D1.mac', record } },
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
    keep: async (record: Record<string, unknown>) => void log.push(['kept', record]),
    shown: async (receipt: string) => void log.push(['receipt', receipt]),
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

  it('keeps its message and sends the receipt, which is no part of what windows are told', async () => {
    const w = world();
    await receive(JSON.stringify(whole), w);
    expect(w.log).toContainEqual(['kept', record]);
    expect(w.log).toContainEqual(['receipt', 'M1.D1.mac']);
    expect(w.log).toContainEqual(['a', { type: 'push', message: 'M1', conversation: 'C1' }]);
  });

  it('is shown although everything else fails', async () => {
    const no = () => Promise.reject(new Error('no'));
    const w = { ...world(), windows: no, setBadge: no, keep: no, shown: no };
    await receive(JSON.stringify(whole), w);
    expect(w.log).toEqual([['shown', 'Oven', 'Take the bread out']]);
  });

  it('is shown before anything else is begun', async () => {
    const w = world();
    void receive(JSON.stringify(whole), { ...w, keep: () => new Promise(() => {}) });
    expect(w.log).toEqual([
      ['shown', 'Oven', 'Take the bread out'],
      ['badge', 3],
    ]);
  });

  it('that the browser refuses to show has no receipt', async () => {
    const w = world(() => true);
    await receive(JSON.stringify(whole), w);
    expect(w.log.filter((entry) => (entry as string[])[0] === 'receipt')).toEqual([]);
  });

  it('that the browser has read itself is shown from what it read', async () => {
    const w = world();
    await receive('', w, { title: 'Oven', body: 'Take the bread out', data: whole.notification.data });
    expect(w.log).toContainEqual(['shown', 'Oven', 'Take the bread out']);
    expect(w.log).toContainEqual(['receipt', 'M1.D1.mac']);
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
    expect(parse(JSON.stringify({ notification: { title: 't', navigate } }), origin).attached.navigate).toBe(want);
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
