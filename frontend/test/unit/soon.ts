import { vi } from 'vitest';

/** Waits until `expectation` holds. A busy machine is slow, not wrong. */
export const soon = <T>(expectation: () => T | Promise<T>): Promise<T> => vi.waitFor(expectation, { timeout: 10_000 });
