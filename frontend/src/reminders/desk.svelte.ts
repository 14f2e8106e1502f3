import { awaited, type Reminder } from '../core/reminders';
import { whenWords } from '../core/when';
import { tr } from '../i18n/en.reminders';
import type { ReminderAct } from '../net/reminders';
import { notices } from '../store/notices.svelte';
import { Reminders, type Cache } from '../store/reminders.svelte';
import type { MenuItem } from '../ui/Menu.svelte';

/** How long what was done can be undone. */
export const PATIENCE = 10_000;

/** Words about what was just done, with what can follow. */
export interface Offer {
  text: string;
  acts: { text: string; act(): void }[];
}

/** What the reminders screen shows and does, for all of its parts. */
export class Desk {
  readonly store: Reminders;
  /** The time, often enough for "in 2 min". */
  now = $state(Date.now());
  offer = $state.raw<Offer>();
  editing = $state.raw<Reminder>();
  snoozing = $state.raw<Reminder>();
  telling = $state.raw<Reminder>();

  constructor(cache: Cache) {
    this.store = new Reminders(cache);
  }

  /** Tells a person what went wrong instead of doing nothing. */
  tried<T>(work: Promise<T>): Promise<T | undefined> {
    return work.catch((cause: unknown) => {
      notices.show(cause instanceof Error ? cause.message : String(cause));
      return undefined;
    });
  }

  /** Offers what can follow for a while. */
  offerActs(text: string, ...acts: Offer['acts']): void {
    this.offer = { text, acts };
    notices.say(text);
  }

  async act(r: Reminder, act: ReminderAct): Promise<void> {
    if (!(await this.tried(this.store.act(r.id, act)))) return;
    if (act === 'done') this.offerActs(tr.act.finished(r.text));
    if (act === 'skip') this.offerActs(tr.act.skipped);
    if (act === 'run') this.offerActs(tr.act.ran);
  }

  async snooze(r: Reminder, time: string): Promise<void> {
    const after = await this.tried(this.store.snooze(r.id, time));
    const until = after && (after.snoozed ?? after.next);
    if (until) this.offerActs(tr.act.snoozed(whenWords(Date.parse(until), Date.now(), tr.when)));
  }

  async delete(r: Reminder): Promise<void> {
    const undo = await this.tried(this.store.delete(r.id, PATIENCE));
    if (!undo) return;
    if (r.kind === 'fire') return this.offerActs(tr.act.deleted(r.text)); // Only its script can send it again.
    this.offerActs(tr.act.deleted(r.text), {
      text: tr.act.undo,
      act: () => void this.tried(undo().then(() => this.offerActs(tr.act.restored))),
    });
  }

  /** What can be done with a reminder as it is now. */
  menu(r: Reminder): MenuItem[] {
    const items: MenuItem[] = [];
    if (r.kind === 'fire') {
      return [{ icon: 'trash-2', text: tr.act.delete, bad: true, act: () => void this.delete(r) }];
    }
    const open = r.state === 'active' && (!r.recurring || awaited(r));
    if (open) items.push({ icon: 'circle-check', text: tr.act.done, act: () => void this.act(r, 'done') });
    if (open || (r.state === 'done' && r.last))
      items.push({ icon: 'alarm-clock', text: tr.act.snooze, act: () => (this.snoozing = r) });
    if (r.state === 'active' && r.recurring) {
      items.push({ icon: 'skip-forward', text: tr.act.skip, act: () => void this.act(r, 'skip') });
    }
    items.push({ icon: 'zap', text: tr.act.run, act: () => void this.act(r, 'run') });
    if (r.state === 'active') items.push({ icon: 'pause', text: tr.act.pause, act: () => void this.act(r, 'pause') });
    if (r.state === 'paused') items.push({ icon: 'play', text: tr.act.resume, act: () => void this.act(r, 'resume') });
    items.push(
      { icon: 'pencil', text: tr.act.edit, act: () => (this.editing = r) },
      { icon: 'history', text: tr.act.history, act: () => (this.telling = r) },
      { icon: 'trash-2', text: tr.act.delete, bad: true, act: () => void this.delete(r) },
    );
    return items;
  }
}
