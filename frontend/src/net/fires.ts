import type { Message } from '../core/protocol';
import { call } from './api';

const msg = (m: string) => `/api/messages/${encodeURIComponent(m)}`;

/** The calls about what a script has sent. All throw ApiError. */
export const fireApi = {
  /** The first answer counts: a later one is a 409 or 410 with `answer`, the one that stands. */
  answer: (m: string, answer: string) => call<Message>('POST', `${msg(m)}/answer`, { body: { answer } }),
  /** Has Hark call the address behind a button; the answer tells its state then. */
  act: (m: string, action: string) => call<Message>('POST', `${msg(m)}/act`, { body: { action }, timeout: 30_000 }),
  /** Takes back a message that is still to come. */
  cancel: (m: string) => call<void>('DELETE', msg(m)),
};
