import { sortConversations } from '../core/order';
import type { Conversation } from '../core/protocol';
import { badgeCount } from '../core/unread';
import type { Records } from './records';

/** The conversation list, as the records have it. */
export class Conversations {
  #all = $state.raw<Conversation[]>([]);
  #records: Records;

  /** Inbox first, then newest; without what is archived. */
  readonly active = $derived(this.#all.filter((c) => !c.archived || c.inbox));
  readonly archived = $derived(this.#all.filter((c) => c.archived && !c.inbox));
  /** For the app's badge and the title. */
  readonly unread = $derived(badgeCount(this.#all));

  constructor(records: Records) {
    this.#records = records;
    records.onChange((changes) => {
      if (changes.some((c) => c.kind === 'conversation' || c.kind === 'gone-conversation')) this.#read();
    });
    this.#read();
  }

  get(id: string | undefined): Conversation | undefined {
    return this.#all.find((c) => c.id === id);
  }

  #read(): void {
    this.#all = sortConversations(this.#records.model.conversations.values());
  }
}
