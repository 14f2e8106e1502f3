import { tp } from '../i18n/en.push';
import { Here } from './here.svelte';

/**
 * What the owner should know of the notifications of this device, or of another one, in a sentence; empty when
 * they do as they should, or were never switched on.
 */
export async function troubleOf(): Promise<string> {
  const here = new Here();
  await here.look().catch((cause: unknown) => console.warn('hark: push', cause));
  const { standing, info, unreachable } = here;
  if (unreachable || !standing) return '';
  if (standing === 'broken' || standing === 'silent' || standing === 'misconfigured') return tp.standing(standing);
  return info?.problems?.find((p) => p.device)?.say ?? '';
}
