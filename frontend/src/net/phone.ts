import type { PhoneState, Way, WayInput } from '../core/phone';
import { call } from './api';

/** The calls about HTTPS for the phone. All throw ApiError. */
export const phoneApi = {
  state: () => call<PhoneState>('GET', '/api/phone'),
  setUp: (way: Way | 'off', input: WayInput = {}) => call<PhoneState>('POST', `/api/phone/${way}`, { body: input }),
  /** A one-time link for the phone, and a picture of it. */
  invite: () => call<{ code: string; url: string; expires: string; qr: string }>('POST', '/api/pair/code?qr=svg'),
};
