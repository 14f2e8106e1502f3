import { isRunning } from '../core/merge';
import type { Message } from '../core/protocol';

/** Older messages are no news to anybody; no push of them waits for being seen. */
const NEWS_MS = 72 * 3_600_000;
/** So much of a message in CSS pixels counts as seen, when it is too tall for half of it. */
const ENOUGH = 96;

/**
 * Names the news that a message is, so that a reply that ends or begins to wait for its owner is news again;
 * empty when it is none.
 */
export function newsOf(m: Message, now: number): string {
  if (m.role !== 'assistant' || now - Date.parse(m.updated) > NEWS_MS) return '';
  if (isRunning(m) && m.reason !== 'waiting_approval') return '';
  return `${m.id} ${m.status} ${m.reason ?? ''} ${m.updated}`;
}

/** Tells of news when it is really on the screen, in a page that is in front. */
export class OnScreen {
  #report: (message: string, key: string) => void;
  #observer: IntersectionObserver;
  #rows = new Map<Element, [message: string, key: string]>();
  #here = new Set<Element>();

  constructor(report: (message: string, key: string) => void) {
    this.#report = report;
    this.#observer = new IntersectionObserver((entries) => this.#take(entries), { threshold: [0, 0.25, 0.5, 1] });
  }

  /** An attachment for the row of a message. */
  watch(message: string, key: string): (row: Element) => (() => void) | undefined {
    return (row) => {
      if (!key) return undefined;
      this.#rows.set(row, [message, key]);
      this.#observer.observe(row);
      return () => {
        this.#observer.unobserve(row);
        this.#rows.delete(row);
        this.#here.delete(row);
      };
    };
  }

  /** The page has come to the front: what is on the screen is seen from now on. */
  again(): void {
    for (const row of this.#here) this.#tell(row);
  }

  close(): void {
    this.#observer.disconnect();
  }

  #take(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, intersectionRatio, intersectionRect } of entries) {
      if (isIntersecting && (intersectionRatio >= 0.5 || intersectionRect.height >= ENOUGH)) {
        this.#here.add(target);
        this.#tell(target);
      } else {
        this.#here.delete(target);
      }
    }
  }

  #tell(row: Element): void {
    const news = this.#rows.get(row);
    if (news && !document.hidden) this.#report(...news);
  }
}
