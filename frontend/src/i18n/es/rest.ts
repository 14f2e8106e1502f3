import type { OtherWords } from '../rest';
import { backups } from './backups';
import { begin } from './begin';
import { phone } from './phone';
import { push } from './push';
import { reminders } from './reminders';
import { setup } from './setup';
import { sources } from './sources';
import { status } from './status';
import { tokens } from './tokens';

/** The screens that are loaded when they are opened. */
export const words: OtherWords = { backups, begin, phone, push, reminders, setup, sources, status, tokens };
