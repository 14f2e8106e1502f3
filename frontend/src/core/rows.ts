import type { OutboxItem } from './outbox';
import { dayKey, type Place } from './time';

/** What the thread needs to know of a message to place it; none of it ever changes. */
export interface Placed {
  id: string;
  role: 'user' | 'assistant';
  created: string;
}

/** One line of the thread. `first` and `last` tell whether a run of one speaker starts or ends here. */
export type Row<M extends Placed> =
  | { key: string; kind: 'day'; at: number }
  | { key: string; kind: 'unread' }
  | { key: string; kind: 'message'; entry: M; first: boolean; last: boolean }
  | { key: string; kind: 'outbox'; item: OutboxItem; first: boolean; last: boolean };

/** Two messages of one speaker further apart than this are two runs. */
const RUN_GAP = 5 * 60_000;

interface Placing {
  /** Id of the first unread message: the divider goes above it. */
  unread?: string;
  place?: Place;
}

/** The lines of a thread: its messages in order, then what still waits in the outbox, with separators between. */
export function buildRows<M extends Placed>(
  entries: readonly M[],
  items: readonly OutboxItem[],
  { unread, place }: Placing = {},
): Row<M>[] {
  const rows: Row<M>[] = [];
  let day = '';
  let open: Extract<Row<M>, { kind: 'message' | 'outbox' }> | undefined;
  let role = '';
  let at = 0;
  const add = (row: Extract<Row<M>, { kind: 'message' | 'outbox' }>, who: string, created: string) => {
    const time = Date.parse(created);
    const key = dayKey(time, place);
    const cut = rows.length;
    if (key !== day) rows.push({ key: `day-${key}`, kind: 'day', at: time });
    if (row.key === unread) rows.push({ key: 'unread', kind: 'unread' });
    row.first = rows.length > cut || who !== role || time - at > RUN_GAP;
    if (row.first && open) open.last = true;
    [day, role, at, open] = [key, who, time, row];
    rows.push(row);
  };
  for (const entry of entries) {
    add({ key: entry.id, kind: 'message', entry, first: false, last: false }, entry.role, entry.created);
  }
  for (const item of items) {
    add({ key: `out-${item.id}`, kind: 'outbox', item, first: false, last: false }, 'user', item.created);
  }
  if (open) open.last = true;
  return rows;
}
