import type { Target } from './push';

/** A window of the app, as a worker sees it. */
export interface AppWindow {
  readonly focused: boolean;
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

/** The parts of the worker's world that a tap on a notification needs. */
export interface ClickWorld {
  windows(): Promise<readonly AppWindow[]>;
  open(path: string): Promise<unknown>;
}

/**
 * Brings the app to the front, at the message: a window that is there is focused and told, else a new one opens.
 *
 * Focus comes first. The tap's permission to focus or open a window is spent by the first call that needs
 * it, and a window that is told but stays behind looks as if nothing happened.
 */
export async function open(target: Target, world: ClickWorld): Promise<void> {
  const best = [...(await world.windows())].sort((a, b) => rank(b) - rank(a))[0];
  if (best && (await focus(best))) {
    best.postMessage({ type: 'open', message: target.message, conversation: target.conversation });
    return;
  }
  await world.open(target.navigate);
}

async function focus(window: AppWindow): Promise<boolean> {
  try {
    await window.focus();
    return true;
  } catch {
    return false; // a window that was just closed, or a browser that forbids it
  }
}

function rank(window: AppWindow): number {
  return (window.focused ? 2 : 0) + (window.visibilityState === 'visible' ? 1 : 0);
}
