import { call } from './api';

/** One backup of the store. */
export interface Backup {
  name: string;
  made: string;
  bytes: number;
  records: number;
  /** Made because the form of the store was about to change. */
  before?: boolean;
}

export interface BackupsAnswer {
  /** Newest first. */
  backups: Backup[];
  folder: string;
  /** Missing if none is made by itself. */
  next?: string;
  daily: number;
  weekly: number;
  running: boolean;
  /** Why the last attempt failed. */
  problem?: string;
}

/** A large store takes minutes to be copied, loaded and read. */
const LONG = 30 * 60_000;

/** The calls about backups. All throw ApiError. */
export const backupsApi = {
  list: () => call<BackupsAnswer>('GET', '/api/backups'),
  make: () => call<Backup>('POST', '/api/backups', { timeout: LONG }),
  /** Where the file is. */
  href: (b: Backup) => `/api/backups/${encodeURIComponent(b.name)}`,
};
