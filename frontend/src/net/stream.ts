import { EVENT_NAMES, type ServerEvent } from '../core/protocol';

/** What a stream tells its owner. `failed` comes once, after it nothing more. */
export interface StreamListener {
  event(ev: ServerEvent): void;
  failed(): void;
}

/** An open line that can be closed. */
export interface Line {
  close(): void;
}

/** The address of the stream from a cursor; `max` asks for `reset` instead of a very long replay. */
export const streamUrl = (since: string | undefined): string =>
  `/api/assistant/stream?max=2000${since ? `&since=${encodeURIComponent(since)}` : ''}`;

/**
 * Opens the event stream. It never reconnects by itself: when to try again, and
 * from which cursor, is the owner's decision.
 */
export function openStream(since: string | undefined, listener: StreamListener): Line {
  const source = new EventSource(streamUrl(since));
  let open = true;
  const close = () => {
    open = false;
    source.close();
  };
  for (const name of EVENT_NAMES) {
    source.addEventListener(name, (e: MessageEvent<string>) => {
      if (!open) return;
      // A browser repeats the last id on events that have none of their own.
      const ev = parseEvent(name, e.data, RECORDS.has(name) ? e.lastEventId : undefined);
      if (ev) listener.event(ev);
    });
  }
  source.onerror = () => {
    if (!open) return;
    close();
    listener.failed();
  };
  return { close };
}

const RECORDS: ReadonlySet<string> = new Set(['message', 'conversation', 'reminder', 'device', 'gone']);

/** Reads one event; undefined when its data is not JSON, which a newer server might send. */
export function parseEvent(event: string, data: string, id?: string): ServerEvent | undefined {
  try {
    return { event, data: JSON.parse(data) as unknown, ...(id ? { id } : {}) } as ServerEvent;
  } catch {
    return undefined;
  }
}
