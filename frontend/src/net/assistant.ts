import type { Message } from '../core/protocol';
import type { Decision, Step } from '../core/steps';
import { call } from './api';

const msg = (m: string) => `/api/messages/${encodeURIComponent(m)}`;

/** The calls about one reply and its steps. All throw ApiError. */
export const turnApi = {
  decide: (m: string, step: number, decision: Decision) =>
    call<Message | undefined>('POST', `${msg(m)}/approve`, { body: { step, decision } }),
  resume: (m: string) => call<Message | undefined>('POST', `${msg(m)}/resume`),
  /** A step with its whole result. */
  step: (m: string, step: number) => call<Step>('GET', `${msg(m)}/steps/${step}`),
};
