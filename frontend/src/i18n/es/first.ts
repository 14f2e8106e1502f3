import type { FirstWords } from '../first';
import { card } from './card';
import { fire } from './fire';
import { main } from './main';
import { steps } from './steps';

/** The frame and the thread. */
export const words: FirstWords = { main, steps, card, fire };
