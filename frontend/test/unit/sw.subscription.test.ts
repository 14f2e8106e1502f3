import { describe, expect, it } from 'vitest';
import { renew } from '../../src/sw/subscription';

const origin = 'http://127.0.0.1:4275';

describe('a subscription that the browser dropped', () => {
  function daemon(status = 204) {
    const calls: unknown[] = [];
    return {
      calls,
      origin,
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
      ['PUT', '/api/push/subscription', { endpoint: 'https://push.example/KEY', origin }],
    ]);
  });

  it('is only told when the browser made the new one itself', async () => {
    const d = daemon();
    await renew(d, { newSubscription: { toJSON: () => ({ endpoint: 'https://push.example/new' }) } });
    expect(d.calls).toEqual([['PUT', '/api/push/subscription', { endpoint: 'https://push.example/new', origin }]]);
  });

  it('takes the place of the old one at the daemon', async () => {
    const d = daemon();
    await renew(d, { oldSubscription: { endpoint: 'https://push.example/old' }, newSubscription: null });
    expect(d.calls.at(-1)).toEqual([
      'PUT',
      '/api/push/subscription',
      { endpoint: 'https://push.example/KEY', origin, old_endpoint: 'https://push.example/old' },
    ]);
  });

  it('is an error when the daemon refuses it', async () => {
    await expect(renew(daemon(401))).rejects.toThrow('HTTP 401');
  });
});
