/**
 * Waits until `check` gives something truthy and returns it. Throws with what was waited for, and with
 * the last error, when `within` milliseconds have passed.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} check
 * @param {{within?: number, every?: number}} [options]
 * @returns {Promise<Exclude<Awaited<T>, null | undefined | false | 0 | ''>>}
 */
export async function until(what, check, { within = 15_000, every = 50 } = {}) {
  const end = Date.now() + within;
  let cause;
  for (;;) {
    try {
      const value = await check();
      if (value) return /** @type {any} */ (value);
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`waited ${within} ms for: ${what}`, { cause });
    await pause(every);
  }
}

/**
 * Lets time pass. Only for what is itself about time, such as "nothing happens for a while".
 * @param {number} ms
 * @returns {Promise<void>}
 */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
