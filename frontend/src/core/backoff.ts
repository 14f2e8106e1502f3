/** First and longest wait between two tries, in milliseconds. */
export interface BackoffOptions {
  first: number;
  longest: number;
  random?: () => number;
}

/**
 * How long to wait before try `n` (0 is the first repeat): doubling, capped, and
 * spread over its upper half, so that many pages do not come back in one moment.
 */
export function backoff(n: number, { first, longest, random = Math.random }: BackoffOptions): number {
  const full = Math.min(longest, first * 2 ** Math.min(n, 30));
  return Math.round(full / 2 + (random() * full) / 2);
}
