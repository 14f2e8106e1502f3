import type { Failure } from '../store/pushdb';
import { object, ownPath, string } from './json';

/** What a button on a notification does: one POST to the server, or a place in the app. */
export interface Act {
  /** Words on the button. */
  title: string;
  /** A path of the API, always of this origin. */
  path?: string;
  /** JSON of the request. */
  body?: unknown;
  /** A place in the app, for a button that only leads somewhere. */
  navigate?: string;
}

/** The server's answer to a button must come while the browser still lets a tap open a window. */
const PATIENCE = 4_000;

/**
 * The acts of a push, by the names of its buttons. Whatever would lead out of this server's API is left out:
 * the request goes with the owner's cookie.
 */
export function actsOf(acts: unknown, buttons: unknown, origin: string): Record<string, Act> | undefined {
  const named = object(acts) ?? {};
  const list = Array.isArray(buttons) ? buttons.map(object) : [];
  const found = new Map<string, Act>();
  for (const [name, value] of Object.entries(named)) {
    const path = apiPath(object(value)?.['path'], origin);
    const title = string(list.find((b) => b?.['action'] === name)?.['title']) || name;
    if (path) found.set(name, { title, path, body: object(value)?.['body'] });
  }
  for (const button of list) {
    const name = string(button?.['action']);
    if (!name || found.has(name) || !string(button?.['navigate'])) continue;
    found.set(name, { title: string(button?.['title']) || name, navigate: ownPath(button?.['navigate'], origin) });
  }
  return found.size ? Object.fromEntries(found) : undefined;
}

/** The path if it is one of the API of this origin, also after `..` and the like are resolved. */
function apiPath(value: unknown, origin: string): string | undefined {
  const given = string(value);
  if (!given?.startsWith('/api/')) return undefined;
  const path = ownPath(given, origin);
  return path.startsWith('/api/') ? path : undefined;
}

/** Sends the request of a button. Resolves to what went wrong, or to nothing. */
export async function perform(
  act: Act,
  fetch: (path: string, init: RequestInit) => Promise<Response>,
): Promise<Failure | undefined> {
  const limit = AbortSignal.timeout(PATIENCE);
  try {
    const answer = await fetch(act.path ?? '', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify(act.body ?? {}),
      signal: limit,
    });
    return answer.ok ? undefined : { action: act.title, why: 'refused', ...(await reason(answer)) };
  } catch {
    return { action: act.title, why: limit.aborted ? 'unsure' : 'offline' };
  }
}

async function reason(answer: Response): Promise<{ detail?: string }> {
  try {
    const detail = string(object(await answer.json())?.['detail']);
    return detail ? { detail } : {};
  } catch {
    return {};
  }
}
