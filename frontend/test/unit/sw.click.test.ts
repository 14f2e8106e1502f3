import { describe, expect, it } from 'vitest';
import { open, tap, type AppWindow } from '../../src/sw/click';

describe('opening the app from a notification', () => {
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
    const noted: unknown[] = [];
    const world = {
      windows: async () => all,
      open: async (path: string) => log.push(`open ${path}`),
      note: async (opening: unknown) => void noted.push(opening),
    };
    return { log, noted, world };
  }
  const told = { type: 'open', navigate: '/c/C1#M1', message: 'M1', conversation: 'C1' };

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

  it('is noted for a page that starts somewhere else, and the note is there before a page is told', async () => {
    const { log, noted, world } = windows({});
    const slow = { ...world, note: () => new Promise<void>((go) => setTimeout(go)).then(() => void log.push('noted')) };
    await open(target, slow);
    expect(log).toEqual(['focus 0', 'noted', [0, told]]);
    await open(target, world);
    expect(noted).toEqual([target]);
  });

  it('works although the note cannot be written', async () => {
    const { log, world } = windows({});
    await open(target, { ...world, note: () => Promise.reject(new Error('full')) });
    expect(log).toEqual(['focus 0', [0, told]]);
  });
});

describe('a tap on a notification', () => {
  const attached = {
    navigate: '/?c=C1&m=M1',
    message: 'M1',
    conversation: 'C1',
    receipt: 'M1.D1.mac',
    acts: {
      done: { title: 'Done', path: '/api/reminders/R1/done', body: {} },
      snooze: { title: '10 min', path: '/api/reminders/R1/snooze', body: { for: '10m' } },
      look: { title: 'Look', navigate: '/?view=reminders' },
    },
  };

  function world(answer: () => Promise<Response>) {
    const log: unknown[] = [];
    return {
      log,
      fetch: (path: string, init: RequestInit) => {
        log.push([init.method, path, JSON.parse(init.body as string) as unknown]);
        return answer();
      },
      report: async (r: unknown) => void log.push(r),
      show: async (title: string, options: { body: string }) => void log.push(['shown', title, options.body]),
      windows: async () => [],
      open: async (path: string) => void log.push(`open ${path}`),
      note: async (opening: unknown) => void log.push(['noted', opening]),
    };
  }
  const fine = () => Promise.resolve(new Response('{}'));
  const receipt = (event: string, action?: string) => ({ receipt: 'M1.D1.mac', event, ...(action ? { action } : {}) });
  const opening = { navigate: '/?c=C1&m=M1', message: 'M1', conversation: 'C1' };

  it('opens the app at the message and says that it was clicked', async () => {
    const w = world(fine);
    await tap('', attached, w);
    expect(w.log).toEqual([['noted', opening], receipt('clicked'), 'open /?c=C1&m=M1']);
  });

  it('on a button sends its request and opens nothing', async () => {
    const w = world(fine);
    await tap('snooze', attached, w);
    expect(w.log).toEqual([['POST', '/api/reminders/R1/snooze', { for: '10m' }], receipt('acted', 'snooze')]);
  });

  it('on a button that leads somewhere goes there', async () => {
    const w = world(fine);
    await tap('look', attached, w);
    expect(w.log).toContain('open /?view=reminders');
  });

  it('on a button that nothing is known of opens the message', async () => {
    const w = world(fine);
    await tap('who knows', attached, w);
    expect(w.log).toContain('open /?c=C1&m=M1');
  });

  it.each([
    ['offline', () => Promise.reject(new TypeError('Failed to fetch')), { action: 'Done', why: 'offline' }],
    [
      'refused',
      () => Promise.resolve(new Response('{"detail":"It was answered already."}', { status: 409 })),
      { action: 'Done', why: 'refused', detail: 'It was answered already.' },
    ],
    [
      'refused by a page that is not ours',
      () => Promise.resolve(new Response('<html>', { status: 502 })),
      { action: 'Done', why: 'refused' },
    ],
  ])('on a button that is %s opens the message and tells why', async (_name, answer, failed) => {
    const w = world(answer);
    await tap('done', attached, w);
    expect(w.log).toContainEqual(['noted', { ...opening, failed }]);
    expect(w.log).toContain('open /?c=C1&m=M1');
    expect(w.log).not.toContainEqual(receipt('acted', 'done'));
  });

  it('on a button that fails, when no window may be opened any more, is told by a notification', async () => {
    const w = world(() => Promise.reject(new TypeError('Failed to fetch')));
    await tap('done', attached, { ...w, open: () => Promise.reject(new Error('Not allowed to open a window.')) });
    expect(w.log).toContainEqual(['shown', 'Hark', expect.stringContaining('“Done” did not reach Hark') as string]);
  });
});
