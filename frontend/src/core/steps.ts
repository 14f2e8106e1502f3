import { visible } from './visible';

/** Where a tool call stands. `unknown`: it had begun, and nobody knows whether it took effect. */
export type StepStatus = 'waiting' | 'running' | 'done' | 'error' | 'unknown' | (string & {});

/** What the owner can say about a step: of one that has not run the first three, of an unknown one the others. */
export type Decision = 'once' | 'always' | 'deny' | 'retry' | 'skip' | 'done';

/** One tool call of a reply. */
export interface Step {
  /** Unique within its message, growing. */
  n: number;
  kind: 'tool' | (string & {});
  tool: string;
  /** JSON of the model, perhaps only its beginning. */
  args: string;
  status: StepStatus;
  result?: string;
  /** Bytes of the whole result, when `result` is only its beginning. */
  size?: number;
  /** Length of the reply's text, in UTF-16 units, when the tool was called. */
  at: number;
  /** How long it ran. */
  ms: number;
  /** When it began to run, on the server's clock. */
  started?: string;
  approval?: { risk: 'first_use' | 'outside' | 'unknown' | (string & {}); expires: string };
  /** The result was written by others. */
  external?: boolean;
  /** The owner did not allow it. */
  denied?: boolean;
}

/** What asking models has cost: tokens, and milliseconds of waiting. */
export interface Tally {
  turns?: number;
  calls: number;
  input: number;
  cached?: number;
  output: number;
  ms: number;
}

/** A piece of a reply: text, or the steps that were taken after it. */
export type Part = { text: string; steps?: undefined } | { text?: undefined; steps: Step[] };

/** A reply in the order it came about. Steps that were called together stand together; blank text is left out. */
export function partsOf(text: string, steps: readonly Step[]): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const step of steps) {
    const at = Math.min(Math.max(step.at, from), text.length);
    const said = text.slice(from, at);
    from = at;
    if (said.trim()) parts.push({ text: said });
    const last = parts.at(-1);
    if (last?.steps) last.steps.push(step);
    else parts.push({ steps: [step] });
  }
  if (text.slice(from).trim()) parts.push({ text: text.slice(from) });
  return parts;
}

/** True while the owner is asked about a step of a reply that has not ended. */
export const asks = (step: Step): boolean =>
  !!step.approval && (step.status === 'waiting' || step.status === 'unknown');

/** The steps of `after` that ask and did not in `before`. */
export function newlyAsked(before: readonly Step[] | undefined, after: readonly Step[] | undefined): Step[] {
  const asked = new Set(before?.filter(asks).map((s) => s.n));
  return (after ?? []).filter((s) => asks(s) && !asked.has(s.n));
}

/** One argument of a call, as plain text in which nothing is unseen. */
export interface Argument {
  name: string;
  value: string;
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

/** The arguments by name; undefined when they are no JSON object, or were cut off. */
export function argumentsOf(json: string): Argument[] | undefined {
  try {
    const parsed: unknown = JSON.parse(json || '{}');
    if (!parsed || typeof parsed !== 'object' || Array.isArray(parsed)) return undefined;
    return Object.entries(parsed).map(([name, value]) => ({ name: visible(name), value: visible(plain(value)) }));
  } catch {
    return undefined;
  }
}

/** The name of a tool: what stands before and after `__`, when it is that of a server. Nothing in it is unseen. */
export function toolName(called: string): { server?: string; name: string } {
  const tool = visible(called);
  const cut = tool.indexOf('__');
  const name = (cut > 0 ? tool.slice(cut + 2) : tool).replace(/[_-]+/g, ' ').trim();
  return { server: cut > 0 ? tool.slice(0, cut) : undefined, name: name || tool };
}

/** A running clock: `0:07`, `12:30`, `1:02:03`. Never before zero: two machines' clocks may differ. */
export function stopwatch(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60) % 60;
  const hours = Math.floor(s / 3600);
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** The beginning of a long text, at the end of a line where one is near; undefined when it is short enough. */
export function beginningOf(text: string, lines: number, units: number): string | undefined {
  const all = text.split('\n', lines + 1);
  const few = all.length > lines ? all.slice(0, lines).join('\n') : text;
  if (few.length === text.length && text.length <= units) return undefined;
  // Never in the middle of a character that takes two units.
  return few.length <= units ? few : few.slice(0, units).replace(/[\uD800-\uDBFF]$/, '');
}
