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

/** Models, tools, usage and memory, and what changes them; undefined for every other path. */
function household() {
  const settings = {
    zone: 'Europe/Berlin',
    quiet: { on: false, from: '22:00', to: '07:00' },
    models: [
      {
        id: 'm1',
        name: 'Qwen at home',
        kind: 'openai',
        url: 'http://127.0.0.1:8080/v1',
        model: 'qwen3-14b',
        key_set: false,
      },
      { id: 'm2', name: 'Claude', kind: 'anthropic', url: '', model: 'claude-sonnet', key_set: true },
    ],
    default: 'm1',
    from_env: false,
    using: {
      kind: 'openai',
      name: 'qwen3-14b',
      say: 'Answers come from Qwen at home.',
      found: [{ name: 'Ollama', url: 'http://127.0.0.1:11434/v1', models: ['llama3.2:3b', 'qwen3:8b'] }],
    },
    budget: 50_000,
    allowed: ['remind', 'files__write_file'],
  };
  const names = {
    remind: ['Remind the owner of something at a time, once or again and again.', 'idempotent'],
    list_reminders: ['List the reminders that are set, the next one first.', 'read_only'],
    fetch_page: ['Read a web page as text.', 'read_only'],
    files__write_file: ['Write a file.', 'once'],
    files__read_file: ['Read a file.', 'read_only'],
  };
  const now = new Date().toISOString();
  const servers = [
    { name: 'files', transport: 'stdio', state: 'ready', since: now, version: 'filesystem 0.6', tools: ['a', 'b'] },
    { name: 'calendar', transport: 'http', state: 'starting', since: now, tools: [] },
    {
      name: 'shell',
      transport: 'stdio',
      state: 'failed',
      since: now,
      detail: 'It ended at once, with exit status 1. Look at what it printed.',
      stderr:
        "node:internal/modules/cjs/loader:1228\nError: Cannot find module 'shell-server'\n  code: MODULE_NOT_FOUND",
      retry: new Date(Date.now() + 40_000).toISOString(),
      tools: [],
    },
  ];
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const days = Array.from({ length: 30 }, (_, ago) => [
    { day: day(ago), source: 'chat', turns: 3, calls: 5, input: ((ago * 7919) % 23) * 1000, output: 900, ms: 9000 },
    { day: day(ago), source: 'reminder', turns: 1, calls: 1, input: ((ago * 104729) % 7) * 900, output: 90, ms: 900 },
  ]).flat();
  let facts = [
    ['I take my coffee black, without sugar.', undefined],
    ['Ada is my sister; her birthday is on 10 December.', '01AA'],
    ['The spare key is with Mr Lindqvist on the second floor.', '01AA'],
  ].map(([text, by], i) => ({ id: `f${i}`, text, by, created: now, updated: now }));
  return (method, url, body) => {
    const path = url.pathname;
    if (path === '/api/settings') {
      if (method === 'PUT')
        Object.assign(settings, body, {
          models: (body.models ?? settings.models).map((m) => ({
            ...m,
            id: m.id || `m${Date.now()}`,
            key_set: m.key ? true : (m.key_set ?? settings.models.find((old) => old.id === m.id)?.key_set ?? false),
            key: undefined,
          })),
        });
      return settings;
    }
    if (path === '/api/settings/model/test')
      return /bad/.test(body.model)
        ? { ok: false, code: 'model_unknown', detail: `The server has no model named ${body.model}.` }
        : { ok: true, model: body.model || 'llama3.2:3b', text: 'ready', ms: 840, input: 12, output: 1 };
    if (path === '/api/usage') return { today: day(0), days, budget: settings.budget, budget_used: 12_300 };
    if (path.startsWith('/api/tools')) {
      const name = path.slice('/api/tools/'.length);
      if (name) settings.allowed = settings.allowed.filter((n) => n !== name);
      const tools = Object.entries(names).map(([name, [description, replay]]) => {
        const allowed = replay === 'read_only' || settings.allowed.includes(name);
        return { name, description, replay, external: false, allowed };
      });
      return { tools, servers };
    }
    if (path.startsWith('/api/memory')) {
      const id = path.slice('/api/memory/'.length);
      if (method === 'DELETE') facts = facts.filter((f) => f.id !== id);
      if (method === 'POST') facts = [...facts, { id: `f${Date.now()}`, ...body, created: now, updated: now }];
      if (method === 'PATCH') facts = facts.map((f) => (f.id === id ? { ...f, ...body } : f));
      return { facts };
    }
    return undefined;
  };
}

/** Serves what is about steps, and all around them; undefined for everything else. */
export function tools({ records, putMessage }) {
  const house = household();
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
  let edits = 0;
  const edit = (m, text) => {
    const id = () => `01ZY${String(++edits).padStart(21, '0')}`;
    const user = { ...m, id: id(), text, branch_of: m.branch_of ?? m.id };
    putMessage(user);
    putMessage({
      ...m,
      id: `${user.id}A`,
      role: 'assistant',
      branch_of: undefined,
      text: `In place of the old one: ${text}`,
    });
    return { conversation: m.conversation, user_message: user.id, assistant_message: `${user.id}A` };
  };
  return (method, url, body) => {
    const kept = house(method, url, body);
    if (kept) return kept;
    const [, id, what, n] = /^\/api\/messages\/([^/]+)\/(approve|resume|steps)\/?(\d*)$/.exec(url.pathname) ?? [];
    const m = id && records().messages.get(id);
    if (m && what === 'approve') decide(m, body);
    if (m && what === 'resume') putMessage({ ...m, status: 'pending', reason: 'waiting_approval', error: undefined });
    const old = /^\/api\/messages\/([^/]+)\/edit$/.exec(url.pathname)?.[1];
    if (old) return edit(records().messages.get(old), body.text);
    if (m && what === 'steps') {
      const step = m.steps.find((s) => s.n === Number(n));
      return { ...step, result: `${step.result}\n`.repeat(8) };
    }
    return m;
  };
}
