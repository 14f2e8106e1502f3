import type { Check, Delivery, DeviceQuiet, PushInfo, TestState } from '../core/push';
import type { Device } from '../core/protocol';
import { call } from './api';

const id = encodeURIComponent;

/** What a page adds to the subscription that its browser made. */
export interface SubscriptionInput extends PushSubscriptionJSON {
  old_endpoint?: string;
  /** The applicationServerKey it was made with. */
  key: string;
  origin: string;
  /** The display mode, such as `standalone`. */
  display: string;
}

/** The calls about notifications. All throw ApiError. */
export const pushApi = {
  info: () => call<PushInfo>('GET', '/api/push'),
  put: (body: SubscriptionInput) => call<PushInfo | undefined>('PUT', '/api/push/subscription', { body }),
  remove: () => call<void>('DELETE', '/api/push/subscription'),
  /** Sends a real push to this device, or to another one. */
  test: (device?: string) =>
    call<{ id: string }>('POST', device ? `/api/devices/${id(device)}/test` : '/api/push/test'),
  testState: (test: string) => call<TestState>('GET', `/api/push/test/${id(test)}`),
  doctor: () => call<{ checks: Check[] }>('GET', '/api/push/doctor', { timeout: 60_000 }),
  delivery: (message: string) => call<{ devices: Delivery[] }>('GET', `/api/messages/${id(message)}/delivery`),
  changeDevice: (
    device: string,
    change: { name?: string; quiet?: DeviceQuiet | null; private?: boolean; mutes?: string[] },
  ) => call<Device | undefined>('PATCH', `/api/devices/${id(device)}`, { body: change }),
  privateForAll: (on: boolean) => call<unknown>('PUT', '/api/settings', { body: { private: on } }),
  seen: (messages: readonly string[]) => call<void>('POST', '/api/push/receipt', { body: { messages, event: 'seen' } }),
};

/**
 * Tells the server whether this page is in front of somebody's eyes. It goes out although the page is about
 * to end, and nobody waits for the answer.
 */
export function tellSight(event: 'visible' | 'hidden', page: string): void {
  void fetch('/api/push/receipt', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ event, page }),
    keepalive: true,
  }).catch(() => {});
}
