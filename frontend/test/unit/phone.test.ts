import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bestWay, localNames, type PhoneState } from '../../src/core/phone';
import { phoneApi } from '../../src/net/phone';
import { Desk } from '../../src/phone/desk.svelte';

const nothing: PhoneState = {
  mode: 'off',
  fixed: false,
  addr: ':4276',
  open: false,
  problems: [],
  tailscale: { found: false, problem: { code: 'tailscale_missing', say: 'Not here.' } },
  names: ['box.local', 'box.lan'],
  addresses: ['192.168.1.5'],
  hook: false,
  proxies: [],
};
const going = { mode: 'local', steps: ['Opening'], done: false } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('Tailscale is tried first where it is ready, else the home network; what is in use stays', () => {
  expect(bestWay(nothing)).toBe('local');
  expect(bestWay({ ...nothing, tailscale: { found: true, name: 'box.ts.net' } })).toBe('tailscale');
  expect(bestWay({ ...nothing, tailscale: { ...nothing.tailscale, found: true } })).toBe('local');
  expect(bestWay({ ...nothing, mode: 'proxy' })).toBe('proxy');
});

test('addresses are offered before names', () => {
  expect(localNames(nothing)).toEqual(['192.168.1.5', 'box.local']);
});

test('a set-up is followed until it has ended, also through a line that was down', async () => {
  const desk = new Desk();
  vi.spyOn(phoneApi, 'setUp').mockResolvedValue({ ...nothing, setup: { ...going, steps: [] } });
  const state = vi
    .spyOn(phoneApi, 'state')
    .mockResolvedValueOnce({ ...nothing, setup: { ...going, steps: [] } })
    .mockRejectedValueOnce(new Error('The line is down.'))
    .mockResolvedValue({ ...nothing, mode: 'local', setup: { ...going, steps: ['Opening'], done: true } });
  await desk.setUp('local', { name: '192.168.1.5' });
  expect(desk.busy).toBe(true);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state).toHaveBeenCalledTimes(3);
  expect(desk.busy).toBe(false);
  expect(desk.state?.mode).toBe('local');
  expect(desk.failed).toBe('');
});

test('what was entered wrong is said, and nothing is asked again', async () => {
  const desk = new Desk();
  vi.spyOn(phoneApi, 'setUp').mockRejectedValue(new Error('One name is needed.'));
  const state = vi.spyOn(phoneApi, 'state').mockResolvedValue(nothing);
  await desk.setUp('domain', {});
  await vi.advanceTimersByTimeAsync(10_000);
  expect(desk.refused).toBe('One name is needed.');
  expect(desk.begun).toBe('domain');
  expect(state).not.toHaveBeenCalled();
});

test('a screen that was left asks no more', async () => {
  const desk = new Desk();
  const state = vi.spyOn(phoneApi, 'state').mockResolvedValue({ ...nothing, setup: { ...going, steps: [] } });
  await desk.look();
  desk.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state).toHaveBeenCalledTimes(1);
});
