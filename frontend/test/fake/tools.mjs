// Replies with steps, models, tools, usage and memory of the stand-in.

const plan = 'Let me look at what you wrote about the trip.\n\n';
const found = 'I found the booking. The train leaves at **08:14**, so be up at six.\n\n';

/** Messages of a conversation with steps in every state; `iso` turns minutes ago into an instant. */
export function toolTalk(iso) {
  const step = (n, tool, args, more = {}) => ({
    n,
    kind: 'tool',
    tool,
    args: JSON.stringify(args),
    status: 'done',
    at: 0,
    ms: 40,
    ...more,
  });
  const listing = Array.from({ length: 40 }, (_, i) => `- 2026-11-${10 + (i % 20)} booking ${i + 1}`).join('\n');
  return [
    ['user', 'When does my train leave tomorrow? Remind me in time.', 9],
    [
      'assistant',
      plan + found + 'Shall I wake you?',
      8,
      {
        note: '12 earlier messages were left out, so that the rest fits into the model.',
        reasoning:
          'The owner wants a departure time and a reminder. First find the booking, then ask when to wake them.',
        steps: [
          step(
            2,
            'search_messages',
            { query: 'train booking' },
            { at: plan.length, result: listing, size: 9120, ms: 1240 },
          ),
          step(
            3,
            'fetch_page',
            { url: 'https://example.com/timetable?from=Hamburg&to=Berlin' },
            {
              at: plan.length,
              ms: 3300,
              external: true,
              result: 'Departures\n08:14 ICE 709 platform 7\n09:14 ICE 711 platform 8',
            },
          ),
          step(
            4,
            'files__read_file',
            { path: '/home/me/trip.txt', lines: 20 },
            {
              at: plan.length + found.length,
              status: 'error',
              result: 'No such file.',
              ms: 12,
            },
          ),
        ],
        usage: { calls: 3, input: 5210, output: 320, ms: 9200 },
      },
    ],
    ['user', 'Yes, at six. And clean up the old backups, please.', 6],
    [
      'assistant',
      'The old ones are being looked at.\n\n',
      5,
      {
        status: 'pending',
        reason: 'waiting_approval',
        steps: [
          step(
            2,
            'remind',
            { text: 'get up for the train', when: 'tomorrow at 6' },
            {
              at: 35,
              status: 'waiting',
              approval: { risk: 'first_use', expires: iso(5 - 1440) },
            },
          ),
          step(
            3,
            'shell__run_command',
            { command: 'rm -r /backups/2024-*' },
            {
              at: 35,
              status: 'unknown',
              started: iso(5),
              approval: { risk: 'unknown', expires: iso(5 - 1440) },
            },
          ),
        ],
      },
    ],
    ['user', 'How large is the photo folder?', 3],
    [
      'assistant',
      'I will measure it.\n\n',
      2,
      {
        status: 'streaming',
        steps: [
          step(2, 'shell__run_command', { command: 'du -sh /photos' }, { at: 20, status: 'running', started: iso(2) }),
        ],
      },
    ],
    ['user', 'And mail it to Ada', 1],
    [
      'assistant',
      '',
      1,
      {
        status: 'error',
        error: {
          code: 'approval_expired',
          detail: 'Nobody allowed this within 24 hours, so it was not done. Resume asks again.',
          retryable: true,
          resumable: true,
        },
        steps: [
          step(
            2,
            'mail__send_mail',
            { to: 'ada@example.com', body: 'The folder is 12 GB.' },
            {
              status: 'waiting',
              approval: { risk: 'first_use', expires: iso(1) },
            },
          ),
        ],
      },
    ],
  ];
}

/** Serves what is about steps; undefined for everything else. */
export function tools({ records, putMessage }) {
  const decide = (m, { step: n, decision }) => {
    const steps = m.steps.map((s) => {
      if (s.n !== n) return s;
      const refused = decision === 'deny' || decision === 'skip';
      const result = refused ? 'The owner did not allow this. It was not run.' : 'Done.';
      return { ...s, status: refused ? 'error' : 'done', approval: undefined, result, ms: 5 };
    });
    const open = steps.some((s) => s.approval);
    putMessage({ ...m, steps, status: open ? m.status : 'done', reason: open ? m.reason : undefined });
  };
  return (method, url, body) => {
    const [, id, what, n] = /^\/api\/messages\/([^/]+)\/(approve|resume|steps)\/?(\d*)$/.exec(url.pathname) ?? [];
    const m = id && records().messages.get(id);
    if (m && what === 'approve') decide(m, body);
    if (m && what === 'resume') putMessage({ ...m, status: 'pending', reason: 'waiting_approval', error: undefined });
    if (m && what === 'steps') {
      const step = m.steps.find((s) => s.n === Number(n));
      return { ...step, result: `${step.result}\n`.repeat(8) };
    }
    return m;
  };
}
