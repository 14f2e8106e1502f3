import type { ChatAccepted, Message } from '../core/protocol';
import type { Decision, Step } from '../core/steps';
import { call } from './api';

const msg = (m: string) => `/api/messages/${encodeURIComponent(m)}`;

/** The calls about one reply and its steps. All throw ApiError. */
export const turnApi = {
  decide: (m: string, step: number, decision: Decision) =>
    call<Message | undefined>('POST', `${msg(m)}/approve`, { body: { step, decision } }),
  resume: (m: string) => call<Message | undefined>('POST', `${msg(m)}/resume`),
  /** Puts a new version in the place of what the owner wrote. Sent again with the same key, it is one version. */
  edit: (m: string, text: string, zone: string, key: string) =>
    call<ChatAccepted>('POST', `${msg(m)}/edit`, { body: { text, zone }, key, timeout: 30_000 }),
  /** A step with its whole result. */
  step: (m: string, step: number) => call<Step>('GET', `${msg(m)}/steps/${step}`),
};
