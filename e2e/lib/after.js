/** @type {WeakMap<import('node:test').TestContext, (() => unknown)[]>} */
const stacks = new WeakMap();

/**
 * Runs `undo` when the test is over, the last one first: a browser ends before its folder is deleted, and the
 * daemon after the pages that talk to it.
 * @param {import('node:test').TestContext} t
 * @param {() => unknown} undo
 */
export function after(t, undo) {
  const stack = stacks.get(t);
  if (stack) return void stack.push(undo);
  const fresh = [undo];
  stacks.set(t, fresh);
  t.after(async () => {
    for (let next = fresh.pop(); next; next = fresh.pop()) await next();
  });
}
