import type { Copies, Vitals } from '../core/status';
import { ApiError, call } from './api';

/** How Hark does. All throw ApiError. */
export const statusApi = {
  vitals: () => call<Vitals>('GET', '/api/status'),
  /** Undefined where this Hark makes no backups. */
  backups: () =>
    call<Copies>('GET', '/api/backups').catch((cause: unknown) => {
      if (cause instanceof ApiError && [403, 404].includes(cause.status)) return undefined;
      throw cause;
    }),
};
