import type { Source, SourceChange } from '../core/sources';
import { call } from './api';

const one = (id: string) => `/api/sources/${encodeURIComponent(id)}`;
/** A server that is looked at may take its time; Hark gives up a little earlier. */
const LOOK = 90_000;

/** The calls about what is watched. All throw ApiError. */
export const sourcesApi = {
  list: () => call<{ sources: Source[] }>('GET', '/api/sources'),
  create: (source: SourceChange) => call<Source>('POST', '/api/sources', { body: source }),
  change: (id: string, change: SourceChange) => call<Source>('PATCH', one(id), { body: change }),
  delete: (id: string) => call<void>('DELETE', one(id)),
  /** Looks now, and answers with how that went. */
  look: (id: string) => call<Source>('POST', `${one(id)}/look`, { body: {}, timeout: LOOK }),
};
