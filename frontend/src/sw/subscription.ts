/** The parts of the worker's world that renewing a subscription needs. */
export interface SubscriptionWorld {
  origin: string;
  fetch(path: string, init?: { method: string; headers: Record<string, string>; body: string }): Promise<Response>;
  subscribe(key: string): Promise<Subscription>;
}

interface Subscription {
  toJSON(): unknown;
}

/** What the browser says when it has dropped a subscription; both may be missing. */
export interface SubscriptionChange {
  oldSubscription?: { endpoint: string } | null;
  newSubscription?: Subscription | null;
}

/**
 * Tells the daemon the new subscription after the browser dropped the old one, and asks for a new one
 * when the browser did not bring it along. Rejects when the daemon can't be reached or refuses, so that
 * the browser knows; the page checks again at its next start.
 */
export async function renew(world: SubscriptionWorld, change: SubscriptionChange = {}): Promise<void> {
  const subscription = change.newSubscription ?? (await world.subscribe(await publicKey(world)));
  const old = change.oldSubscription?.endpoint;
  const answer = await world.fetch('/api/push/subscription', {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      ...(subscription.toJSON() as object),
      origin: world.origin,
      ...(old ? { old_endpoint: old } : {}),
    }),
  });
  if (!answer.ok) throw new Error(`the daemon refused the new push subscription: HTTP ${answer.status}`);
}

async function publicKey(world: SubscriptionWorld): Promise<string> {
  const answer = await world.fetch('/api/push');
  if (!answer.ok) throw new Error(`the daemon gave no push key: HTTP ${answer.status}`);
  const { key } = (await answer.json()) as { key: string };
  return key;
}
