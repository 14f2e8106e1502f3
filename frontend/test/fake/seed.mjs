// Conversations to look at: an inbox with proactive messages, a long chat, other scripts, archived and muted ones.

import { toolTalk } from './tools.mjs';

const reply = `Here is the plan for the **sourdough**, timed back from 18:00:

1. **09:30** – feed the starter, keep it warm
2. **13:00** – mix, then rest for 40 minutes
3. **13:40** – salt, first fold; fold again every half hour
4. **16:15** – shape and let it rise

| Step | Temperature | Time |
|---|---:|---:|
| Lid on | 250 °C | 20 min |
| Lid off | 220 °C | 25 min |

To check the dough, press it with a finger: if it springs back *slowly*, it is ready.

\`\`\`sh
hark remind "take the lid off" --in 20m
\`\`\`

I can remind you at each step. Shall I?`;

const talk = [
  ['user', 'Can you help me bake a sourdough for tonight?'],
  ['assistant', 'Of course. **When** should it be ready, and is your starter active?'],
  ['user', 'Dinner is at 18:30, so out of the oven by six'],
  ['user', 'The starter was fed yesterday evening'],
  ['assistant', reply],
  ['user', 'Yes please, all four'],
  ['assistant', 'Done. Four reminders are set for today: **09:30**, **13:00**, **13:40** and **16:15**.'],
];

/** Words of an answer to a text, as a model would stream them. */
export function words(text) {
  if (/remind/i.test(text)) return 'I will remind you **in 2 minutes**, at 14:32: “take the bread out”.';
  if (/long/i.test(text)) return Array.from({ length: 12 }, (_, i) => `## Part ${i + 1}\n\n${reply}`).join('\n\n');
  return reply;
}

/** Fresh records, with times counted back from now. */
export function seed() {
  const conversations = new Map();
  const messages = new Map();
  const base = Date.now();
  let n = 0;
  const nextId = () => `01AA${String(n++).padStart(22, '0')}`;
  const add = (title, lines, extra = {}) => {
    const c = { id: nextId(), title, inbox: false, unread: 0, archived: false, muted: false, ...extra };
    for (const [role, text, minutesAgo, more = {}] of lines) {
      const created = new Date(base - minutesAgo * 60_000).toISOString();
      const m = {
        id: nextId(),
        conversation: c.id,
        role,
        status: 'done',
        text,
        source: { kind: 'chat' },
        attempt: 1,
        created,
        updated: created,
        ...more,
      };
      messages.set(m.id, m);
      Object.assign(c, {
        last_message: m.id,
        last_at: created,
        preview: text
          .replace(/[*`#|>]/g, '')
          .replace(/\s+/g, ' ')
          .slice(0, 160),
      });
      c.created ??= created;
      c.updated = created;
    }
    const theirs = [...messages.values()].filter((m) => m.conversation === c.id);
    c.read_upto = theirs[theirs.length - 1 - c.unread]?.id ?? '';
    conversations.set(c.id, c);
  };
  const day = 1440;
  add(
    'Lecture notes',
    Array.from({ length: 400 }, (_, i) => [
      i % 2 ? 'assistant' : 'user',
      i % 2 ? `Note ${i}: ${'the argument rests on two assumptions. '.repeat((i % 5) + 1)}` : `Question ${i}?`,
      9 * day - i * 7,
    ]),
  );
  add('رحلة إلى القاهرة', [
    ['user', 'ما هو أفضل وقت لزيارة القاهرة؟', 3 * day],
    ['assistant', 'الخريف هو **أفضل وقت**: من أكتوبر إلى أبريل. انظر `weather --city Cairo`.', 3 * day - 1],
  ]);
  add(
    'Old experiments',
    [
      ['user', 'Is this archived?', 30 * day],
      ['assistant', 'Yes.', 30 * day],
    ],
    { archived: true },
  );
  add(
    'Home server',
    [
      [
        'assistant',
        'Disk `/srv` is at 91 %.',
        2 * day,
        { source: { kind: 'fire', name: 'disk-watch' }, priority: 4, title: 'Disk is filling up' },
      ],
      ['user', 'What takes the most space?', 2 * day - 3],
      [
        'assistant',
        'I looked as far as I could before the connection to the model',
        2 * day - 4,
        {
          status: 'error',
          reason: 'interrupted',
          error: {
            code: 'interrupted',
            detail: 'Hark was restarted while it was writing this. What it had written is kept.',
            retryable: true,
          },
        },
      ],
    ],
    { muted: true },
  );
  add(
    'Trip to Berlin',
    toolTalk((minutesAgo) => new Date(base - minutesAgo * 60_000).toISOString()),
  );
  add(
    'Sourdough for tonight',
    talk.map(([role, text], i) => [role, text, 180 - i * 3]),
  );
  add(
    'Inbox',
    [
      [
        'assistant',
        'Backup of **photos** finished: 12.4 GB in 38 minutes.',
        day + 300,
        { source: { kind: 'fire', name: 'backup' } },
      ],
      [
        'assistant',
        'Call the dentist',
        day,
        {
          source: { kind: 'reminder', id: 'r' },
          reason: 'late',
          title: 'Reminder, was due Mon 2 Nov 07:00',
          answer: { value: 'snoozed', at: new Date().toISOString(), until: new Date(base + 600_000).toISOString() },
        },
      ],
      ['assistant', 'Take the bread out', 64, { source: { kind: 'reminder', id: '01RR0000000000000000000000' } }],
      [
        'assistant',
        'The build of `main` failed in **2 of 318** tests.',
        12,
        {
          source: { kind: 'fire', name: 'ci' },
          title: 'Build failed',
          priority: 5,
          click: 'https://example.com/build/7',
        },
      ],
      ['assistant', 'Washing machine is done.', 3, { source: { kind: 'fire', name: 'laundry' }, format: 'plain' }],
    ],
    { inbox: true, unread: 2 },
  );
  return { conversations, messages };
}
