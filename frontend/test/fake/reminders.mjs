// Reminders for the stand-in: one of each state, and just enough of the endpoints to look at the screen.
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The instant of a clock time in Berlin, so many days from today. */
function berlin(days, time) {
  const day = new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
  const utc = Date.parse(`${day}T${time}:00Z`);
  const shown = new Date(utc).toLocaleString('sv', { timeZone: 'Europe/Berlin' }).replace(' ', 'T');
  return new Date(2 * utc - Date.parse(`${shown}Z`)).toISOString();
}
const ago = (ms) => new Date(Date.now() - ms).toISOString();

function seed() {
  const all = new Map();
  let n = 0;
  const add = (text, more) => {
    const id = `01RR${String(n++).padStart(22, '0')}`;
    const r = { id, text, zone: 'Europe/Berlin', state: 'active', kind: 'message', misfire: 'once', recurring: false };
    all.set(id, { ...r, created: ago(9 * DAY), updated: ago(n * HOUR), schedule: 'at 2026-12-01T09:00:00', ...more });
  };
  const repeats = (say, schedule) => ({ recurring: true, schedule, say: `${say} (Europe/Berlin)` });
  add('Take the bread out', { next: new Date(Date.now() + 25 * 60_000).toISOString(), priority: 5 });
  add('Call the dentist about the appointment, and ask whether the X-ray from last year is still good', {
    next: berlin(1, '09:00'),
  });
  add('Take the pills', {
    ...repeats('Every day at 08:00', '0 8 * * *'),
    next: berlin(1, '08:00'),
    nag: { every_s: 600, max: 5 },
    nagging: {
      message: 'x',
      due: ago(HOUR),
      left: 3,
      at: new Date(Date.now() + 6 * 60_000).toISOString(),
    },
    last: { due: ago(HOUR), at: ago(HOUR), state: 'fired' },
  });
  add('Stand-up with the New York team', {
    zone: 'America/New_York',
    ...repeats('Weekdays at 10:00', '0 10 * * 1-5'),
    say: 'Weekdays at 10:00 (America/New_York)',
    next: berlin(1, '16:00'),
  });
  add('Book the flight', { next: berlin(140, '10:00'), schedule: 'at 2027-04-11T10:00:00' });
  add('Read the report', { next: berlin(0, '23:30'), held: berlin(1, '07:00'), priority: 2 });
  add('Water the plants', {
    ...repeats('Every Wednesday and Saturday at 18:00', '0 18 * * 3,6'),
    next: berlin(3, '18:00'),
    last: { due: ago(4 * DAY), at: ago(4 * DAY), state: 'missed' },
  });
  add('Summarise my calendar and the weather', {
    ...repeats('Weekdays at 07:30', '30 7 * * 1-5'),
    kind: 'prompt',
    next: berlin(1, '07:30'),
    failures: 2,
    last: { due: ago(2 * DAY), at: ago(2 * DAY), state: 'failed' },
  });
  add('Stretch', {
    ...repeats('Every 90 minutes between 09:00 and 17:00', 'every 90m between 09:00 and 17:00'),
    next: berlin(1, '09:00'),
    last: { due: ago(3 * HOUR), at: ago(2.4 * HOUR), state: 'late' },
  });
  add('Pay the rent', {
    ...repeats('On the last day of the month at 20:00', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1'),
    next: berlin(8, '20:00'),
    priority: 4,
  });
  add('Practise the piano', {
    ...repeats('Every day at 19:00', '0 19 * * *'),
    state: 'paused',
    next: berlin(0, '19:00'),
  });
  add('Put the bins out', { state: 'done', last: { due: ago(DAY), at: ago(DAY - HOUR), state: 'done' } });
  add('Renew the passport', { state: 'done', last: { due: ago(3 * DAY), at: ago(2 * DAY), state: 'late' } });
  return all;
}

function agenda(all, from, to) {
  const items = [];
  const days = Math.round((to - from) / DAY) + 1;
  const offset = Math.round((from - Date.now()) / DAY);
  for (const r of all.values()) {
    if (r.state === 'done') continue;
    const item = (at) => {
      const t = Date.parse(at);
      if (t < Math.max(from, Date.now()) || t >= to) return;
      items.push({ reminder: r.id, at, text: r.text, priority: r.priority, paused: r.state === 'paused' || undefined });
    };
    if (!r.recurring) item(r.next);
    for (let d = offset - 1; r.recurring && d < offset + days + 1; d++) {
      const weekday = new Date(Date.now() + d * DAY).getUTCDay();
      if (/1-5/.test(r.schedule) && (weekday === 0 || weekday === 6)) continue;
      if (/3,6/.test(r.schedule) && weekday !== 3 && weekday !== 6) continue;
      if (/MONTHLY/.test(r.schedule) && (d - 8) % 30) continue;
      const time = new Date(r.next).toLocaleTimeString('sv', { timeZone: 'Europe/Berlin' }).slice(0, 5);
      if (/90m/.test(r.schedule))
        for (const t of ['09:00', '10:30', '12:00', '13:30', '15:00', '16:30']) item(berlin(d, t));
      else item(berlin(d, time));
    }
  }
  return { items: items.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(0, 1000) };
}

const readings = [
  [
    /at 3$/,
    () => ({
      status: 422,
      code: 'ambiguous',
      detail: 'Morning or afternoon?',
      choices: [15, 3].map((h) =>
        reading(
          'call mum',
          berlin(1, `${String(h).padStart(2, '0')}:00`),
          `Mon 23 Nov 2026 at ${String(h).padStart(2, '0')}:00`,
        ),
      ),
    }),
  ],
  [
    /yesterday/,
    () => ({
      status: 422,
      code: 'past',
      detail: 'That was Sat 21 Nov 2026 at 09:00, which has gone by. Which time do you mean?',
      choices: [],
    }),
  ],
  [
    /weekday/i,
    () => ({
      ...reading('stand up', berlin(1, '08:30'), 'Weekdays at 08:30'),
      schedule: '30 8 * * 1-5',
      next: [1, 2, 3, 4, 5].map((d) => berlin(d, '08:30')),
    }),
  ],
  [
    /month/i,
    () => ({
      ...reading('pay the rent', berlin(8, '18:00'), 'On the last day of the month at 18:00'),
      schedule: 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1',
      next: [8, 39, 70, 98, 129].map((d) => berlin(d, '18:00')),
    }),
  ],
  [
    /tomorrow|hour|\d/,
    (p) => reading(/dentist/.test(p) ? 'call the dentist' : '', berlin(1, '09:00'), 'Mon 23 Nov 2026 at 09:00'),
  ],
];
const reading = (text, at, say) => ({
  text,
  schedule: `at ${at.slice(0, 19)}`,
  zone: 'Europe/Berlin',
  next: [at],
  say: `${text ? `“${text}”: ` : ''}${say} (Europe/Berlin), in 15 hours`,
});

/** The endpoints about reminders; `emit` tells the stream. */
export function reminders({ emit, empty }) {
  const all = empty ? new Map() : seed();
  const put = (r, more) => {
    all.set(r.id, { ...r, ...more, updated: new Date().toISOString() });
    emit('reminder', all.get(r.id));
    return all.get(r.id);
  };
  let settings = { zone: 'Europe/Berlin', quiet: { on: true, from: '22:00', to: '07:00' } };
  const understand = (phrase) =>
    readings.find(([re]) => re.test(phrase))?.[1](phrase) ?? {
      status: 422,
      code: 'unclear',
      detail:
        'When? Write for example "tomorrow at 9", "in 20 minutes" or "every weekday at 8:30", before or after the text.',
    };
  const acts = {
    done: (r) =>
      put(r, { nagging: undefined, snoozed: undefined, ...(r.recurring ? {} : { state: 'done', next: undefined }) }),
    skip: (r) =>
      put(r, {
        next: new Date(Date.parse(r.next) + DAY).toISOString(),
        last: { due: r.next, at: ago(0), state: 'skipped' },
      }),
    pause: (r) => put(r, { state: 'paused' }),
    resume: (r) => put(r, { state: 'active' }),
    run: (r) => put(r, {}),
    snooze: (r) =>
      put(r, { state: 'active', nagging: undefined, snoozed: new Date(Date.now() + 600_000).toISOString() }),
    occurrences: (r) => ({
      occurrences: ['done', 'late', 'missed', 'snoozed', 'fired', 'skipped', 'failed'].map((state, i) => ({
        due: ago((i + 1) * DAY),
        at: ago((i + 1) * DAY - (['fired', 'missed', 'skipped'].includes(state) ? 0 : 41 * 60_000)),
        state,
        message: state === 'fired' ? r.id : undefined,
      })),
      more: false,
    }),
  };
  /** Answers a call, or undefined when it is about something else. */
  return (method, url, body) => {
    const { pathname: path, searchParams: q } = url;
    if (path === '/api/settings') return method === 'PUT' ? (settings = body) : settings;
    if (!path.startsWith('/api/reminders')) return undefined;
    const [, id, act] = path.slice('/api/reminders'.length).split('/');
    if (!id && method === 'GET') return { reminders: [...all.values()], cursor: 'e1-1' };
    if (!id) {
      const read = body.phrase ? understand(body.phrase) : { ...body, next: [berlin(1, '09:00')] };
      if (read.status) return read;
      const { text, schedule, zone, next } = read;
      const made = {
        id: `01RS${Date.now()}`,
        text,
        schedule,
        zone,
        next: next[0],
        state: 'active',
        kind: 'message',
        recurring: !/^at /.test(schedule),
      };
      return put({ ...made, created: ago(0) });
    }
    if (id === 'preview') return understand(body.phrase);
    if (id === 'agenda') return agenda(all, Date.parse(q.get('from')), Date.parse(q.get('to')));
    if (id === 'feed')
      return method === 'POST' ? { url: 'http://127.0.0.1:4275/cal/2fC9xT0qVb7LrW4nKdYh3pMz.ics' } : {};
    if (id === 'import')
      return {
        imported: [...all.values()].slice(0, 3),
        skipped: [
          { summary: 'Team dinner', why: 'It was on 3 March 2024 and does not come again.' },
          { summary: '', why: 'It has no time at which to remind.' },
        ],
      };
    const r = all.get(id);
    if (!r) return { status: 404, code: 'not_found', detail: 'There is no such reminder.' };
    if (act) return acts[act](r);
    if (method === 'PATCH') return put(r, body);
    if (method !== 'DELETE')
      return {
        ...r,
        upcoming: [1, 2, 3, 4, 5]
          .map((d) => new Date(Date.parse(r.next ?? ago(0)) + (r.recurring ? d - 1 : 0) * DAY).toISOString())
          .slice(0, r.recurring ? 5 : 1),
      };
    all.delete(id);
    emit('gone', { kind: 'reminder', id });
    return {};
  };
}
