const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A new ULID for time `now` (milliseconds). `random` gives 16 values of 0..255.
 * Ids made one after the other are in order as long as `now` grows.
 */
export function ulid(now: number, random: Uint8Array): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time;
  let tail = '';
  for (const byte of random.subarray(0, 16)) tail += ALPHABET[byte % 32];
  return time + tail;
}
