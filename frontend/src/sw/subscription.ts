/** The parts of the worker's world that renewing a subscription needs. */
export interface SubscriptionWorld {
  fetch(path: string, init?: { method: string; headers: Record<string, string>; body: string }): Promise<Response>;
  subscribe(key: string): Promise<{ toJSON(): unknown }>;
}

/**
 * Tells the daemon the new subscription after the browser dropped the old one, and asks for a new one
 * when the browser did not bring it along. Rejects when the daemon can't be reached or refuses, so that
 * the browser knows; the page checks again at its next start.
 */
export async function renew(world: SubscriptionWorld, fresh?: { toJSON(): unknown } | null): Promise<void> {
  const subscription = fresh ?? (await world.subscribe(await publicKey(world)));
  const answer = await world.fetch('/api/push/subscription', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(subscription.toJSON()),
  });
  if (!answer.ok) throw new Error(`the daemon refused the new push subscription: HTTP ${answer.status}`);
}

async function publicKey(world: SubscriptionWorld): Promise<string> {
  const answer = await world.fetch('/api/push');
  if (!answer.ok) throw new Error(`the daemon gave no push key: HTTP ${answer.status}`);
  const { key } = (await answer.json()) as { key: string };
  return key;
}
