import type { tp } from '../i18n/en.push';
import type { Check, Surroundings } from '../core/push';

/** What the page has found out, for its share of the doctor's lines. */
export interface Findings {
  surroundings: Surroundings;
  /** Of the active worker: its build, `''` when it does not say; undefined when there is none. */
  worker?: string;
  /** A newer worker waits for its turn. */
  waiting: boolean;
  wanted: boolean;
  subscribed: boolean;
  /** Whether the server has the very same subscription; undefined when it could not be asked. */
  known?: boolean;
  /** Whether the subscription was made with the server's key. */
  rightKey: boolean;
}

/**
 * The page's lines, in the order in which the links depend on each other. It ends at the first link without
 * which nothing behind it can be: one cure at a time.
 */
export function pageChecks(f: Findings, words: typeof tp): Check[] {
  const { surroundings: s } = f;
  const checks: Check[] = [];
  const add = (name: string, ok: boolean, say: string, cure?: string) => {
    checks.push({ name, ok, say, ...(ok || !cure ? {} : { cure }) });
    return ok;
  };
  const w = words.doctorPage;
  if (
    !add(w.names.secure, s.secure, s.secure ? w.secure : words.standing('insecure'), words.cure('insecure', s.platform))
  )
    return checks;
  if (s.platform === 'window') {
    add(w.names.permission, true, words.standing('window'));
    return checks;
  }
  if (s.platform === 'ios') {
    const say = s.standalone ? w.installed.yes : w.installed.no;
    if (!add(w.names.installed, s.standalone, say, words.cure('home-screen', s.platform))) return checks;
  } else if (s.platform === 'android') {
    // A tab works too; it is only less sure.
    add(w.names.installed, true, s.standalone ? w.installed.yes : w.installedTip);
  }
  const can = s.worker && s.push;
  const running = can && f.worker !== undefined;
  const worker = !can ? words.standing('unsupported') : running ? w.worker.yes(f.worker ?? '') : w.worker.no;
  if (!add(w.names.worker, running, worker, can ? w.worker.cure : words.cure('unsupported', s.platform))) return checks;
  if (f.waiting) add(w.names.worker, true, w.worker.waiting);
  const cure = s.permission === 'denied' ? words.cure('denied', s.platform) : w.permission.cureDefault;
  if (!add(w.names.permission, s.permission === 'granted', w.permission[s.permission], cure)) return checks;
  const none = f.wanted ? w.subscription.no : w.subscription.off;
  if (!add(w.names.subscription, f.subscribed, f.subscribed ? w.subscription.yes : none, w.subscription.cure))
    return checks;
  if (f.known === undefined) add(w.names.same, false, w.same.unknown, w.same.cureUnknown);
  else
    add(w.names.same, f.known && f.rightKey, !f.rightKey ? w.same.key : f.known ? w.same.yes : w.same.no, w.same.cure);
  return checks;
}
