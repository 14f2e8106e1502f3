/** A JSON object whose fields nobody has looked at yet. */
export type Json = Record<string, unknown>;

/** The value if it is an object and no list. */
export function object(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** The value if it is a string. */
export function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Those of the named fields that are strings with something in them. */
export function pick<K extends string>(from: Json, keys: readonly K[]): Partial<Record<K, string>> {
  return Object.fromEntries(keys.flatMap((k) => (string(from[k]) ? [[k, from[k]]] : []))) as Partial<Record<K, string>>;
}

/** Those of the named fields that are true. */
export function flags<K extends string>(from: Json, keys: readonly K[]): Partial<Record<K, boolean>> {
  return Object.fromEntries(keys.flatMap((k) => (from[k] === true ? [[k, true]] : []))) as Partial<Record<K, boolean>>;
}

/** A path of this origin. A push names where a tap leads, and must not be able to lead out of the app. */
export function ownPath(value: unknown, origin: string): string {
  try {
    const url = new URL(string(value) ?? '/', origin);
    return url.origin === origin ? url.pathname + url.search + url.hash : '/';
  } catch {
    return '/';
  }
}
