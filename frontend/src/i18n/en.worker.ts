import type { Failure } from '../store/pushdb';

/** The few words that the service worker says by itself; the page says the same ones. */
export const tw = {
  newMessage: 'You have a new message.',
  /** What became of a button that was tapped on a notification. */
  failed({ action, why, detail }: Failure): string {
    if (why === 'offline')
      return `“${action}” did not reach Hark: it cannot be reached right now. Nothing was changed.`;
    if (why === 'unsure') return `Hark has not answered “${action}”. See here whether it arrived.`;
    return `“${action}” was not done. ${detail ?? 'Hark refused it; you can decide here.'}`;
  },
};
