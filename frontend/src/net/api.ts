import type { Problem } from '../core/protocol';

/**
 * A call that did not succeed. `status` 0 means that no answer came: the network,
 * or a server that is down. `message` is a sentence for people.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Milliseconds to wait before another try, when the server said so. */
    readonly retryAfter?: number,
    /** The whole problem document: some codes bring more, such as readings to choose from. */
    readonly problem: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/**
 * What a call may carry. `key` becomes the Idempotency-Key; `timeout` is in
 * milliseconds; a body of `type` is a string that is sent as it is.
 */
export interface CallOptions {
  body?: unknown;
  type?: string;
  key?: string;
  timeout?: number;
  signal?: AbortSignal;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const unauthorized = new EventTarget();

/** Calls `listener` whenever the server says that this browser is not paired. Returns how to stop. */
export function onUnauthorized(listener: () => void): () => void {
  unauthorized.addEventListener('401', listener);
  return () => unauthorized.removeEventListener('401', listener);
}

/**
 * Calls the server and reads its JSON answer (undefined for an empty one).
 * Throws ApiError for everything else, a login page of a proxy included.
 */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const { body, type, key, timeout = 20_000, signal } = options;
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = type ?? 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  const limit = AbortSignal.timeout(timeout);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : type ? String(body) : JSON.stringify(body),
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    text = await response.text();
  } catch (cause) {
    // Each browser words its network errors differently, so none is shown.
    throw Object.assign(new ApiError(0, 'unreachable', 'Hark cannot be reached right now.'), { cause });
  }
  if (!response.ok) throw problemFrom(response, text);
  if (!text) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(502, 'not_json', 'Something between this page and Hark answered in its place.');
  }
}

function problemFrom(response: Response, text: string): ApiError {
  if (response.status === 401) unauthorized.dispatchEvent(new Event('401'));
  let problem: Partial<Problem> = {};
  try {
    problem = JSON.parse(text) as Partial<Problem>;
  } catch {
    // A proxy's page: the status has to say it all.
  }
  const wait = Number(response.headers.get('Retry-After'));
  return new ApiError(
    response.status,
    problem.code ?? `http_${response.status}`,
    problem.detail ?? problem.title ?? `The server answered with an error (${response.status}).`,
    wait > 0 ? wait * 1000 : undefined,
    problem as Record<string, unknown>,
  );
}
