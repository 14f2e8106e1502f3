import type { Step } from '../core/begin';
import { rest } from './rest';

const titles: Record<Step, string> = {
  you: 'Welcome',
  model: 'Something that thinks',
  phone: 'Hark in your pocket',
  notifications: 'Let Hark speak first',
  reminder: 'Your first reminder',
};

const leads: Record<Step, string> = {
  you: 'A few questions, and Hark is yours. Each can be skipped, and all of it stands in the settings too.',
  model: 'Hark answers with a model that you choose. It is asked for one word here, so you see that it works.',
  phone: 'A phone that has Hark as an app hears of everything at once, at home and away.',
  notifications: 'Reminders, answers and what your scripts say reach this device even when Hark is closed.',
  reminder: 'Write it as you would say it. Hark speaks up when it is time.',
};

const later: Record<Step, string> = {
  you: 'Continue',
  model: 'Go on without',
  phone: 'Not now',
  notifications: 'Not now',
  reminder: 'Not now',
};

/** The words of setting a new Hark up. */
export const beginWords = {
  title: 'Set up Hark',
  titles,
  leads,
  step: (n: number, of: number) => `Step ${n} of ${of}`,
  next: 'Continue',
  finish: 'Finish',
  later,
  skipAll: 'Skip the rest',
  ready: 'Hark is set up. Say hello!',
  failed: 'Could not ask Hark how far you came.',
  you: {
    title: 'You',
    name: 'Your name',
    nameSay: 'What Hark calls you.',
    namePlaceholder: 'Nothing, if you like',
    language: 'Language',
    languageSay: {
      both: 'Of the app, and of answers.',
      answers: 'Answers come in it. The app itself speaks English.',
      automatic: 'The app speaks as this device does; answers come in the language that you write in.',
    },
    automatic: 'Automatic',
    zone: (zone: string) => `Times will be those of ${zone}, as on this device.`,
  },
  model: {
    asking: (name: string) => `Asking ${name} for one word`,
    works: (name: string, seconds: string) => `${name} answers. It took ${seconds} s.`,
    fails: (name: string) => `${name} does not answer.`,
    again: 'Ask again',
    none: 'No model answers yet. Until then Hark keeps reminders and messages, and says simple things by itself.',
    how: 'Start Ollama, LM Studio or llama.cpp on the machine that runs Hark, and it appears here by itself; or add one with its address and key.',
  },
  phone: {
    ready: (origin: string) => `Phones can come in at ${origin}.`,
    notReady: 'First Hark needs an address that phones trust. It takes a minute or two.',
    setUp: 'Choose how',
    here: 'This is a phone already.',
    homeIos: 'Tap Share, then “Add to Home Screen”, and go on from there: only then it may notify you.',
    homeAndroid: 'Open the browser’s menu and tap “Install app”.',
    installed: 'Hark is an app on this device.',
  },
};

/** What a language must provide for setting up. */
export type BeginCatalog = typeof beginWords;

/** The words in use. */
export const tb: BeginCatalog = rest?.begin ?? beginWords;
