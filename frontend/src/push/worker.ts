/** How long a worker may take to answer; one that sleeps has to be started first. */
const PATIENCE = 3_000;

/**
 * Whether the worker that receives pushes runs, and of which build it is (`''` when it does not say). Undefined
 * when there is none.
 */
export async function workerState(): Promise<{ worker?: string; waiting: boolean }> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const active = registration?.active;
  const waiting = !!registration?.waiting;
  if (!active) return { waiting };
  const channel = new MessageChannel();
  const worker = await new Promise<string>((say) => {
    channel.port1.onmessage = ({ data }) => say(typeof data === 'string' ? data : '');
    active.postMessage({ type: 'build' }, [channel.port2]);
    setTimeout(() => say(''), PATIENCE);
  });
  channel.port1.close();
  return { worker, waiting };
}
