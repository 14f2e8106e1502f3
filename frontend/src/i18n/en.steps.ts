import type { StepStatus } from '../core/steps';
import { first } from './first';

const tools: Record<string, string> = {
  remind: 'set a reminder',
  list_reminders: 'look at the reminders',
  change_reminder: 'change a reminder',
  cancel_reminder: 'cancel a reminder',
  search_messages: 'search the messages',
  remember: 'remember something',
  forget: 'forget something',
  recall: 'look into its memory',
  current_time: 'look at the clock',
  fetch_page: 'read a web page',
};

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

const risks: Record<string, string> = {
  first_use: 'It has not been allowed to do this before.',
  outside: 'This reply has read text that others wrote, so Hark asks again.',
  unknown: 'Hark was cut short while it did this. It may have taken effect, or not. Please look, then say what to do.',
};

const states: Record<string, string> = {
  waiting: 'Waiting',
  running: 'Running',
  done: 'Done',
  error: 'Failed',
  unknown: 'Outcome unknown',
};

/** The words of a reply's steps. */
export const stepWords = {
  /** What a tool does, after “Hark wants to”. `name` is its name in words. */
  does: (tool: string, name: string, server?: string) =>
    tools[tool] ?? (server ? `use “${name}” of ${server}` : `use “${name}”`),
  title: (tool: string, name: string, server?: string) =>
    capital(tools[tool] ?? (server ? `${name} · ${server}` : name)),
  wants: (does: string) => `Hark wants to ${does}`,
  unsure: (does: string) => `Did this happen? Hark began to ${does}.`,
  steps: 'Steps',
  state: (status: StepStatus) => states[status] ?? status,
  stopped: 'Not finished',
  denied: 'Not allowed',
  expired: 'Nobody answered in time',
  took: (seconds: string) => `${seconds} s`,
  risk: (risk: string) => risks[risk] ?? '',
  until: (when: string) => `Asks until ${when}.`,
  decide: {
    once: 'Allow once',
    always: 'Always allow',
    deny: 'Deny',
    retry: 'Do it again',
    skip: 'Skip it',
    done: 'It was done',
  },
  args: 'With',
  noArgs: 'Without further words.',
  result: 'Result',
  resultOutside: 'Result, written by others',
  noResult: 'It returned nothing.',
  showAll: 'Show all',
  showLess: 'Show less',
  thoughts: 'What the model thought',
  thinking: 'Thinking',
  /** How long the model thought: seconds, and whole minutes before them. */
  thought: (seconds: number, minutes: number) =>
    minutes ? `Thought for ${minutes} min ${seconds} s` : seconds ? `Thought for ${seconds} s` : 'Thought for a moment',
  usingTool: 'Working',
  resume: 'Resume',
  model: 'Model',
  versions: 'Versions of this message',
  version: (at: number, of: number) => `${at} of ${of}`,
  older: 'Older version',
  newer: 'Newer version',
  edit: {
    act: 'Edit and send again',
    title: 'Edit and send again',
    say: 'It is answered anew. The old version and what followed it stay within reach.',
    send: 'Send',
  },
};

/** What a language must provide for the steps of a reply. */
export type StepCatalog = typeof stepWords;

/** The words in use. */
export const ts: StepCatalog = first?.steps ?? stepWords;
