/** What is shown when it is not a conversation. */
export const views = [
  'new',
  'reminders',
  'memory',
  'settings',
  'devices',
  'doctor',
  'phone',
  'setup',
  'status',
  'sources',
] as const;
export type View = (typeof views)[number];

/** Where in the app a person is. */
export interface Place {
  /** A conversation's id, or `~…` for one that the server does not know yet. */
  conversation?: string;
  /** A message to open the conversation at. */
  message?: string;
  view?: View;
}

/**
 * Reads an address of the app. Places are kept in the query, because every path
 * but `/` may belong to the server.
 */
export function readPlace(url: URL): Place {
  const q = url.searchParams;
  const view = q.get('view');
  return {
    conversation: q.get('c') ?? q.get('conversation') ?? /^\/c\/([^/]+)/.exec(url.pathname)?.[1],
    message: q.get('m') ?? q.get('message') ?? undefined,
    view: views.find((v) => v === view),
  };
}

/** The address of a place; `readPlace` reads it back. */
export function addressOf(place: Place): string {
  const q = new URLSearchParams();
  if (place.conversation) q.set('c', place.conversation);
  if (place.message) q.set('m', place.message);
  if (place.view) q.set('view', place.view);
  const query = q.toString();
  return query ? `/?${query}` : '/';
}

/** The address bar as state. Back and forward work as in any site. */
export class Router {
  place = $state.raw<Place>(readPlace(new URL(location.href)));

  constructor() {
    addEventListener('popstate', () => (this.place = readPlace(new URL(location.href))));
  }

  go(place: Place, replace = false): void {
    const address = addressOf(place);
    if (address !== location.pathname + location.search) {
      history[replace ? 'replaceState' : 'pushState']({ hark: true }, '', address);
    }
    this.place = place;
  }

  /** One step back within the app, or to the list when the app was opened here. */
  back(): void {
    if ((history.state as { hark?: boolean } | null)?.hark) history.back();
    else this.go({}, true);
  }
}
