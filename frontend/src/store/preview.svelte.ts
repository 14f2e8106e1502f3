import type { Choice, Reading } from '../core/reminders';
import { ApiError } from '../net/api';
import { reminderApi } from '../net/reminders';

/** Long enough that a fast typist asks once a word, short enough to feel live. */
const QUIET = 180;

/**
 * How the server understands a phrase while it is being typed. What is shown stays
 * until the next answer, so nothing flickers between two keystrokes.
 */
export class Preview {
  reading = $state.raw<Reading>();
  choices = $state.raw<Choice[]>([]);
  /** A sentence that helps when the phrase has no reading. */
  help = $state('');
  /** The answer shown is not yet that of the words typed. */
  busy = $state(false);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked: AbortController | undefined;
  #waiting: (() => void)[] = [];

  /** Asks soon what `phrase` means on the clock of `zone`. An empty phrase has no meaning and is not asked about. */
  ask(phrase: string, zone: string): void {
    this.stop();
    if (!phrase.trim()) return this.#show();
    this.busy = true;
    this.#timer = setTimeout(() => void this.#fetch(phrase.trim(), zone), QUIET);
  }

  /** Takes one of the readings that were offered. Returns the phrase to ask again by, if it is not complete. */
  take(choice: Choice): string | undefined {
    if (!choice.schedule) return choice.phrase;
    this.stop();
    const { text = '', schedule, zone = '', next = [], say } = choice;
    this.#show({ text, schedule, zone, next, say });
    return undefined;
  }

  /** Resolves when the last question is answered, or given up. */
  settled(): Promise<void> {
    return this.busy ? new Promise((ok) => this.#waiting.push(ok)) : Promise.resolve();
  }

  /** Forgets what is under way; what is shown stays. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#done();
  }

  async #fetch(phrase: string, zone: string): Promise<void> {
    const asked = (this.#asked = new AbortController());
    try {
      const reading = await reminderApi.preview(phrase, zone, asked.signal);
      if (!asked.signal.aborted) this.#show(reading);
    } catch (cause) {
      if (asked.signal.aborted) return;
      const problem = cause instanceof ApiError ? cause.problem : {};
      const choices = Array.isArray(problem.choices) ? (problem.choices as Choice[]) : [];
      this.#show(undefined, choices, cause instanceof Error ? cause.message : '');
    }
  }

  #show(reading?: Reading, choices: Choice[] = [], help = ''): void {
    this.reading = reading;
    this.choices = choices;
    this.help = help;
    this.#done();
  }

  #done(): void {
    this.busy = false;
    for (const tell of this.#waiting.splice(0)) tell();
  }
}
