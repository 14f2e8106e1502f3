import { tp } from '../i18n/en.push';
import { Here } from './here.svelte';

/** What is wrong with notifications, in a sentence, and the screen that has the cure. */
export interface Trouble {
  say: string;
  view: 'doctor' | 'devices';
}

/**
 * What the owner should know of the notifications of this device, or of another one; undefined when they do as
 * they should, or were never switched on.
 */
export async function troubleOf(): Promise<Trouble | undefined> {
  const here = new Here();
  await here.look().catch((cause: unknown) => console.warn('hark: push', cause));
  const { standing, info, unreachable } = here;
  if (unreachable || !standing) return undefined;
  if (standing === 'broken' || standing === 'silent' || standing === 'misconfigured') {
    return { say: tp.standing(standing), view: 'doctor' };
  }
  const other = info?.problems?.find((p) => p.device);
  return other && { say: tp.other(other.name ?? ''), view: 'devices' };
}
