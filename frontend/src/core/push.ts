/** Notifications as the server tells of them, and what a page can say of them by itself. */

/** Whether pushes reach a device. `silent`: they are accepted and never shown. `misconfigured`: they are refused. */
export interface PushState {
  state: 'on' | 'silent' | 'misconfigured' | 'off' | (string & {});
  since: string;
  last_accepted?: string;
  last_shown?: string;
  detail?: string;
}

/** Hours in which a device is left in peace, in its own zone. */
export interface DeviceQuiet {
  from: string;
  to: string;
  zone: string;
}

export interface PushProblem {
  code: string;
  /** The device it is about; without one, all of them. */
  device?: string;
  name?: string;
  say: string;
  cure?: string;
}

/** The answer of GET /api/push. */
export interface PushInfo {
  /** The applicationServerKey, base64url. */
  key: string;
  subscribed: boolean;
  /** SHA-256 in hex of the endpoint that the server has of this device. */
  endpoint_sha256?: string;
  state?: PushState;
  /** No text in the pushes to this device. */
  private?: boolean;
  /** No text in any push. */
  private_all?: boolean;
  problems?: PushProblem[];
}

/** The states of a push in the order in which they may come; `failed` and `withheld` end it. */
export const STAGES = ['queued', 'accepted', 'shown', 'seen', 'acted'] as const;
export type Stage = (typeof STAGES)[number];

/** What became of the push of one message to one device. */
export interface Delivery {
  device: string;
  /** Absent when the device was removed. */
  name?: string;
  state: Stage | 'failed' | 'withheld' | (string & {});
  detail?: string;
  at: string;
  times?: Partial<Record<string, string>>;
}

/** One line of the doctor. */
export interface Check {
  name: string;
  ok: boolean;
  say: string;
  cure?: string;
}

/** The answer of a test that waits for its receipt. */
export interface TestState {
  state: Stage | 'failed' | (string & {});
  detail?: string;
  /** The same for people, with a cure once the test is taken for lost. */
  check?: Check;
}

/** One point of the little picture of a delivery. */
export interface Point {
  stage: Stage | 'failed' | 'withheld';
  at?: string;
  reached: boolean;
}

/**
 * The way of a push as points, from queued to where it got. What it has not reached yet is there too as far
 * as "shown": that is what was promised. A push that ended otherwise ends with that.
 */
export function pointsOf({ state, at, times = {} }: Pick<Delivery, 'state' | 'at' | 'times'>): Point[] {
  const end = (['failed', 'withheld'] as const).find((name) => name === state);
  const now = STAGES.indexOf(state as Stage);
  const points: Point[] = [];
  for (const [n, stage] of STAGES.entries()) {
    const reached = times[stage] !== undefined || n <= now;
    if (reached || (!end && n <= 2)) points.push({ stage, reached, at: times[stage] ?? (n === now ? at : undefined) });
  }
  if (end) points.push({ stage: end, reached: true, at });
  return points;
}

export type Platform = 'ios' | 'android' | 'window' | 'other';

/** True in Hark's own window on a desktop: its engine adds this to what it calls itself. */
export const isWindow = (agent: string): boolean => /\bwails\.io\b/.test(agent);

/** Whose rules for notifications hold. An iPad says that it is a Mac, with fingers. */
export function platformOf(agent: string, touchPoints = 0): Platform {
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) return 'ios';
  if (isWindow(agent)) return 'window';
  return /Android/.test(agent) ? 'android' : 'other';
}

/** What a page can find out about the browser that it runs in. */
export interface Surroundings {
  secure: boolean;
  platform: Platform;
  /** Opened from the Home Screen, or installed. */
  standalone: boolean;
  worker: boolean;
  push: boolean;
  permission: NotificationPermission;
}

/**
 * Why notifications can't be switched on here, the first thing to cure first; undefined when they can. In a `window`
 * they need no switch: its program shows them.
 */
export type Obstacle = 'window' | 'insecure' | 'home-screen' | 'unsupported' | 'denied';

export function obstacleOf(s: Surroundings): Obstacle | undefined {
  if (s.platform === 'window') return 'window';
  if (!s.secure) return 'insecure';
  if (s.platform === 'ios' && !s.standalone) return 'home-screen';
  if (!s.worker || !s.push) return 'unsupported';
  return s.permission === 'denied' ? 'denied' : undefined;
}

/** How notifications do on this device, for one sentence. */
export type Standing = Obstacle | 'off' | 'broken' | 'silent' | 'misconfigured' | 'on';

/**
 * One word for the state of this device. `subscribed` is the browser's own word, `known` the server's;
 * `broken` means that they are wanted and allowed and yet one of the two has no subscription.
 */
export function standingOf(
  s: Surroundings,
  here: { wanted: boolean; subscribed: boolean; known: boolean; state?: PushState },
): Standing {
  const obstacle = obstacleOf(s);
  if (obstacle) return obstacle;
  if (s.permission !== 'granted' || !here.wanted) return 'off';
  if (!here.subscribed || !here.known) return 'broken';
  return (['silent', 'misconfigured'] as const).find((name) => name === here.state?.state) ?? 'on';
}

/** The bytes of a key as the Push API wants them. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

/** True when a subscription was made with this key; one that does not tell its key is believed. */
export function madeWith(used: ArrayBuffer | null | undefined, key: Uint8Array): boolean {
  if (!used) return true;
  const bytes = new Uint8Array(used);
  return bytes.length === key.length && bytes.every((b, i) => b === key[i]);
}
