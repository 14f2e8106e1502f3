// The stand-in's share of notifications: three devices, of which one is silent, and a test that arrives.

/** SHA-256 of https://push.example/here, which is the subscription that the pictures' browser pretends to have. */
export const endpoint = 'https://push.example/here';
const hash = '468538419d51e215dabe19eeab2a968e475e2588f72a78f46245a7e834b2ac60';

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

export function push() {
  const devices = [
    {
      id: 'd1',
      name: 'Chrome on Linux',
      current: true,
      created: ago(90_000),
      last_seen: ago(1),
      push: { state: 'on', since: ago(9_000), last_accepted: ago(12), last_shown: ago(12) },
      mutes: ['Backup script'],
    },
    {
      id: 'd2',
      name: 'Safari on iPhone',
      created: ago(60_000),
      last_seen: ago(1_500),
      push: { state: 'silent', since: ago(400), last_accepted: ago(30), last_shown: ago(4_400) },
      quiet: { from: '22:00', to: '07:30', zone: 'Europe/Berlin' },
    },
    { id: 'd3', name: 'Kitchen tablet', created: ago(50_000), last_seen: ago(9_000) },
  ];
  const tests = new Map();
  let hidden = false;
  const info = () => ({
    key: 'BNbN3OiAT5YwBfkN2nS6tGcFEVB1Xq8zqs0P0yO2gPrxFBtFK7h3p0XkTzV0nYcQ3mV1kQ2m8mZ1QbF0aYb0Z5M',
    subscribed: true,
    endpoint_sha256: hash,
    state: devices[0].push,
    private: false,
    private_all: hidden,
    problems: [
      {
        code: 'silent',
        device: 'd2',
        name: 'Safari on iPhone',
        say: 'The push service takes what is sent to “Safari on iPhone”, and the device shows none of it.',
        cure: 'Open Hark there from the Home Screen, and switch notifications off and on again.',
      },
    ],
  });
  const deliveries = {
    devices: [
      {
        device: 'd1',
        name: 'Chrome on Linux',
        state: 'acted',
        at: ago(3),
        times: { queued: ago(6), accepted: ago(6), shown: ago(5), seen: ago(4), acted: ago(3) },
      },
      {
        device: 'd2',
        name: 'Safari on iPhone',
        state: 'failed',
        detail:
          'The push service refused it with 403: BadJwtToken. The subject of the key is not one that Apple takes.',
        at: ago(5),
        times: { queued: ago(6), failed: ago(5) },
      },
      {
        device: 'd3',
        name: 'Kitchen tablet',
        state: 'accepted',
        at: ago(6),
        times: { queued: ago(6), accepted: ago(6) },
      },
    ],
  };
  const checks = [
    { name: 'keys', ok: true, say: 'The public key belongs to the private one.' },
    { name: 'subject', ok: true, say: 'https://hark.example is given as the address to complain to.' },
    {
      name: 'clock',
      ok: false,
      say: 'The clock of this machine is 26 hours ahead of the push service’s.',
      cure: 'Set the clock, or switch on network time (timedatectl set-ntp true).',
    },
    { name: 'connection', ok: true, say: 'updates.push.services.mozilla.com answers over TLS after 41 ms.' },
  ];
  return (method, url, body) => {
    const path = url.pathname;
    if (path === '/api/devices') return { devices };
    if (path === '/api/push') return info();
    if (path === '/api/push/subscription') return info();
    if (path === '/api/push/receipt') return {};
    if (path === '/api/push/doctor') return { checks };
    if (method === 'PUT' && path === '/api/settings' && 'private' in body) return ((hidden = body.private), {});
    if (/\/delivery$/.test(path)) return deliveries;
    if (path === '/api/push/test' || /^\/api\/devices\/[^/]+\/test$/.test(path)) {
      const id = `t${tests.size}`;
      tests.set(id, Date.now());
      return { id };
    }
    const [, test] = /^\/api\/push\/test\/(.+)$/.exec(path) ?? [];
    if (test) {
      const after = Date.now() - tests.get(test);
      return { state: after > 1_600 ? 'shown' : after > 700 ? 'accepted' : 'queued' };
    }
    const [, id] = /^\/api\/devices\/([^/]+)$/.exec(path) ?? [];
    const device = devices.find((d) => d.id === id);
    if (device && method === 'PATCH') return Object.assign(device, body);
    return undefined;
  };
}
