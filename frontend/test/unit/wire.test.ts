// @vitest-environment node
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apply, emptyModel } from '../../src/core/apply';
import { laterCursor } from '../../src/core/cursor';
import type { EventsAnswer, ServerEvent } from '../../src/core/protocol';
import { parseEvent } from '../../src/net/stream';
import { answers, event, problem } from './wire.check';

// What the daemon says on the wire, recorded by its own tests: the two sides can't drift apart.
const daemon = new URL('../../../daemon/', import.meta.url).pathname;
const folder = `${daemon}testdata/wire/`;

interface Recording {
  name: string;
  request: string;
  status: number;
  body?: unknown;
  stream?: ServerEvent[];
}

/** Reads a txtar file: a comment, then sections that begin with `-- name --`. */
function sections(text: string): Map<string, string> {
  const parts = text.split(/^-- (.+) --\n/m);
  const found = new Map<string, string>();
  for (let i = 1; i < parts.length; i += 2) found.set(parts[i] ?? '', parts[i + 1] ?? '');
  return found;
}

/** Reads server-sent events the way a browser does, as far as the daemon uses the format. */
function readStream(text: string): ServerEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = new Map(block.split('\n').map((l) => [l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 2)]));
    const [name, data] = [fields.get('event'), fields.get('data')];
    const ev = name && data ? parseEvent(name, data, fields.get('id')) : undefined;
    return ev ? [ev] : [];
  });
}

function read(file: string): Recording {
  const parts = sections(readFileSync(folder + file, 'utf8'));
  const body = parts.get('body.json');
  const stream = parts.get('stream.txt');
  return {
    name: file.replace('.txtar', ''),
    request: parts.get('request')?.split('\n')[0] ?? '',
    status: Number(parts.get('response')?.split('\n')[0]),
    ...(body === undefined ? {} : { body: JSON.parse(body) as unknown }),
    ...(stream === undefined ? {} : { stream: readStream(stream) }),
  };
}

const recordings = existsSync(folder)
  ? readdirSync(folder)
      .filter((f) => f.endsWith('.txtar'))
      .map(read)
      // What an agent hears over MCP is no page's business.
      .filter((r) => !r.request.includes(' /mcp'))
  : [];

/** The state after events, and after each of them twice: both must be the same. */
function replay(events: ServerEvent[]) {
  const once = emptyModel();
  const twice = emptyModel();
  let cursor: string | undefined;
  for (const ev of events) {
    apply(once, ev);
    apply(twice, ev);
    apply(twice, ev);
    cursor = laterCursor(cursor, ev.id);
    expect(twice).toEqual(once);
  }
  return { model: once, cursor };
}

it('the daemon has recorded what it says', () => {
  expect(existsSync(daemon)).toBe(true);
  expect(recordings.length).toBeGreaterThan(20);
  expect(recordings.some((r) => r.stream)).toBe(true);
});

const checkOf = (r: Recording) => answers.find(([call]) => call.test(r.request))?.[1];

describe('what the daemon answers is what the types say', () => {
  it.each(recordings.filter((r) => r.status < 400 && r.body && checkOf(r)))('$name', (r) => {
    expect(checkOf(r)?.(r.body, r.name)).toEqual([]);
  });
});

describe('what it refuses, it refuses with a problem', () => {
  it.each(recordings.filter((r) => r.status >= 400 && r.body))('$name', (r) => {
    expect(problem(r.body, r.name)).toEqual([]);
    expect((r.body as { status: number }).status).toBe(r.status);
  });
});

describe('what it streams are events that the types know, from hello on', () => {
  it.each(recordings.filter((r) => r.stream))('$name', ({ stream = [] }) => {
    expect(stream[0]?.event).toBe('hello');
    expect(stream.flatMap((ev, i) => event(ev, `#${i}`))).toEqual([]);
    expect(replay(stream).cursor).toBe(stream.findLast((ev) => ev.id)?.id);
  });
});

it('a reply that was joined in the middle has its whole text, counted in UTF-16 units', () => {
  const events = recordings.find((r) => r.name === 'stream_reply')?.stream ?? [];
  const { model } = replay(events);
  const reply = [...model.messages.values()].find((m) => m.role === 'assistant');
  expect(reply).toMatchObject({ status: 'streaming', text: 'Once upon🌙 a time' });
});

it('a long poll brings the same records as the stream', () => {
  const polled = recordings.find((r) => r.name === 'events')?.body as EventsAnswer;
  const { model } = replay(polled.events);
  expect([...model.conversations.values()][0]).toMatchObject({ inbox: true, unread: 2 });
});
