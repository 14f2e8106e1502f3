import { locale } from './language';
import { rest } from './rest';

const plural = new Intl.PluralRules('en');
const numbers = new Intl.NumberFormat(locale);
const count = (n: number, one: string, other: string) =>
  `${numbers.format(n)} ${plural.select(n) === 'one' ? one : other}`;

const states: Record<string, string> = {
  starting: 'Starting',
  ready: 'Ready',
  failed: 'Not working',
  disabled: 'Switched off',
};

/** The words of the settings about models, tools, memory and usage. */
export const setupWords = {
  number: (n: number) => numbers.format(n),
  models: {
    title: 'Models',
    byDefault: 'by default',
    none: 'No model is set up here.',
    fromEnv:
      'Hark was started with this model, so it answers by default. The models below can be chosen for a conversation.',
    found: 'Found on this machine',
    use: 'Set up',
    add: 'Add a model',
    edit: 'Edit',
    makeDefault: 'Use by default',
    remove: 'Remove',
    menu: (name: string) => `Options for ${name}`,
    removeAsk: (name: string) => `Remove “${name}”?`,
    removeSay: 'Its key is forgotten. Conversations that use it go on with the default model.',
    kinds: { openai: 'OpenAI-compatible', anthropic: 'Anthropic' } as Record<string, string>,
    form: {
      add: 'Add a model',
      edit: (name: string) => `Edit “${name}”`,
      name: 'Name',
      namePlaceholder: 'As you like to call it',
      kind: 'It speaks',
      url: 'Address',
      urlEmpty: 'Leave empty for Anthropic itself',
      urlSay: 'Such as http://127.0.0.1:11434/v1 for Ollama.',
      model: 'Model',
      modelPlaceholder: 'Empty: the first that can chat',
      key: 'Key',
      keySet: 'Set. Leave empty to keep it',
      keyNone: 'Only if the server needs one',
      keyMoved: 'The address has changed: the old key is not sent there.',
      test: 'Test',
      testing: 'Asking it for one word',
      again: 'Test again',
      save: 'Save',
      anyway: 'Save anyway',
      works: (model: string, text: string, seconds: string) => `${model} answered “${text}” after ${seconds} s.`,
      worksEmpty: (model: string, seconds: string) => `${model} answered after ${seconds} s, with nothing in it.`,
    },
  },
  choice: {
    title: 'Model of this conversation',
    standard: 'The default one',
    none: 'Set up models in the settings, then choose one here.',
  },
  tools: {
    title: 'Tools',
    say: 'What models may do for you. A tool that changes something asks you first.',
    always: 'Always allowed',
    askAgain: 'Ask again',
    noneAlways: 'Nothing yet. Each tool that changes something asks first.',
    servers: 'Tool servers',
    noServers: 'None. Put them into mcp.json in the data folder.',
    state: (s: string) => states[s] ?? s,
    count: (n: number) => count(n, 'tool', 'tools'),
    retry: (when: string) => `Tried again at ${when}`,
    output: 'What it printed last',
    all: (n: number) => `All tools (${n})`,
    reads: 'Only reads',
    asks: 'Asks first',
    allowed: 'Allowed',
  },
  usage: {
    title: 'Usage',
    summary: (tokens: number, days: number) => `${count(tokens, 'token', 'tokens')} in the last ${days} days`,
    none: 'No model has been asked in the last 30 days.',
    chat: 'Answers to you',
    alone: 'By itself',
    table: 'As a table',
    day: 'Day',
    turns: 'Replies',
    budget: 'Daily budget',
    budgetSay: 'Tokens a day for replies that nobody waits for, such as reminders that ask the model. 0 is no limit.',
    used: (n: number, of: number) => `${numbers.format(n)} of ${numbers.format(of)} used today`,
    usedNoLimit: (n: number) => `${count(n, 'token', 'tokens')} used today, without a limit`,
    save: 'Save',
    saved: 'Saved',
    whole: 'Write a whole number of tokens.',
  },
  memory: {
    title: 'Memory',
    open: 'Memory',
    openSay: 'What Hark keeps in mind about you.',
    show: 'Show',
    say: 'Hark keeps these in mind. Models can look them up; you can change or delete each one.',
    empty: 'Nothing yet. Tell Hark to remember something, or write it here.',
    add: 'Something to remember',
    placeholder: 'I take my coffee black',
    save: 'Remember',
    edit: 'Edit',
    change: 'Change what is remembered',
    learnt: (when: string) => `Learnt ${when}`,
    written: (when: string) => `Written by you ${when}`,
    deleteAsk: 'Forget this?',
    forget: 'Forget',
    failed: 'What Hark remembers could not be loaded.',
    where: 'Show the message',
  },
};

/** What a language must provide for these settings. */
export type SetupCatalog = typeof setupWords;

/** The words in use. */
export const tu: SetupCatalog = rest?.setup ?? setupWords;
