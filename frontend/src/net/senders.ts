import { server } from './server';
import { sourcesApi } from './sources';

/** Whoever sends messages here by itself: a script with a token, a feed or a mailbox. */
export interface Sender {
  id: string;
  name: string;
  muted_until?: string;
  /** Takes its sound for `1h`, `1d` and the like; `0` gives it back. Answers with how it is then. */
  mute(long: string): Promise<{ muted_until?: string }>;
}

/** All senders, scripts first. Throws ApiError. */
export async function senders(): Promise<Sender[]> {
  const [{ tokens }, { sources }] = await Promise.all([server.tokens(), sourcesApi.list()]);
  return [
    ...tokens
      .filter((k) => k.scopes.includes('fire'))
      .map((k) => ({ ...k, mute: (mute: string) => server.changeToken(k.id, { mute }) })),
    ...sources.map((s) => ({ ...s, mute: (mute: string) => sourcesApi.change(s.id, { mute }) })),
  ];
}

/** Whether something is muted now. */
export const isMuted = (sender: { muted_until?: string } | undefined): boolean =>
  !!sender?.muted_until && Date.parse(sender.muted_until) > Date.now();
