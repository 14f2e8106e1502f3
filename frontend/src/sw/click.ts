import { workerWords } from '../i18n/worker';
import type { Opening, Receipt } from '../store/pushdb';
import { perform } from './acts';
import type { Attached } from './push';

/** A window of the app, as a worker sees it. */
export interface AppWindow {
  readonly focused: boolean;
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

/** The parts of the worker's world that it takes to open the app. */
export interface OpenWorld {
  windows(): Promise<readonly AppWindow[]>;
  open(path: string): Promise<unknown>;
  /** Remembers where the tap leads, for a page that starts somewhere else. */
  note(opening: Opening): Promise<void>;
}

/** The parts of the worker's world that a tap on a notification needs. */
export interface ClickWorld extends OpenWorld {
  fetch(path: string, init: RequestInit): Promise<Response>;
  report(receipt: Receipt): Promise<void>;
  show(title: string, options: { body: string; tag: string; data: Attached }): Promise<void>;
}

/**
 * Does what was tapped: the button's request, with the app closed or open; or else opens the app at the message.
 * When the request fails the app opens there too, and says so.
 */
export async function tap(action: string, attached: Attached, world: ClickWorld): Promise<void> {
  const { receipt, navigate, message, conversation } = attached;
  const opening: Opening = { navigate, message, conversation };
  const report = (event: 'clicked' | 'acted') =>
    receipt ? world.report({ receipt, event, ...(action ? { action } : {}) }) : undefined;
  const act = attached.acts?.[action];
  if (!act?.path) {
    await Promise.allSettled([
      open({ ...opening, navigate: act?.navigate ?? opening.navigate }, world),
      report('clicked'),
    ]);
    return;
  }
  const failed = await perform(act, (path, init) => world.fetch(path, init));
  if (!failed) return void (await report('acted'));
  await Promise.allSettled([
    // The tap may be too long ago by now to open a window; then another notification says it.
    open({ ...opening, failed }, world).catch(() =>
      world.show('Hark', {
        body: workerWords(attached.lang).failed(failed),
        tag: `failed ${opening.message ?? ''}`,
        data: attached,
      }),
    ),
    report('clicked'),
  ]);
}

/**
 * Brings the app to the front, at the message: a window that is there is focused and told, else a new one opens.
 *
 * Focus comes first. The tap's permission to focus or open a window is spent by the first call that needs
 * it, and a window that is told but stays behind looks as if nothing happened.
 */
export async function open(opening: Opening, world: OpenWorld): Promise<void> {
  const noted = world.note(opening).catch(() => {});
  const best = [...(await world.windows())].sort((a, b) => rank(b) - rank(a))[0];
  if (best && (await focus(best))) {
    // The page takes the note away when it is told, so the note has to be there before.
    await noted;
    best.postMessage({ type: 'open', ...opening });
    return;
  }
  await world.open(opening.navigate);
  await noted;
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
