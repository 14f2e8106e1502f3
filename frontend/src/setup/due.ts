import { server } from '../net/server';
import { setupApi } from '../net/setup';
import { BEGUN, read, write } from '../store/prefs.svelte';

const begun = (): boolean => read(BEGUN) === 'yes';

/** The end: nothing is asked any more. */
export const ended = (): void => write(BEGUN, '');

/**
 * Whether Hark is to be set up here and now. `paired`: this browser has just come in. It is asked on the first
 * browser of a new Hark, and there until its end; others are never asked.
 */
export async function due(paired: boolean): Promise<boolean> {
  if (!paired && !begun()) return false;
  const { setup } = await setupApi.get();
  if (setup?.done) {
    ended();
    return false;
  }
  if (begun()) return true;
  if (setup?.seen?.length) return false;
  const [{ devices }, { conversations }] = await Promise.all([server.devices(), server.conversations()]);
  if (devices.length > 1 || conversations.length) return false;
  write(BEGUN, 'yes');
  return true;
}
