import { isRunning, mergeConversation, mergeMessage, messageWithDelta } from './merge';
import type { Conversation, Message, ServerEvent } from './protocol';

/** Everything a page holds in memory about the server's records. Maps are changed in place by `apply`. */
export interface Model {
  conversations: Map<string, Conversation>;
  /** Messages of the threads that are open, and every running reply the stream has told of. */
  messages: Map<string, Message>;
  /** Ids deleted since the page was opened, so that a page that was under way cannot bring them back. */
  gone: Set<string>;
}

/** What an event did, for those who show or store it. */
export type Change =
  | { kind: 'message'; before: Message | undefined; message: Message }
  | { kind: 'conversation'; before: Conversation | undefined; conversation: Conversation }
  | { kind: 'gone-message'; id: string }
  | { kind: 'gone-conversation'; id: string }
  /** A delta did not fit what we have: fetch the message. */
  | { kind: 'gap'; id: string };

export const emptyModel = (): Model => ({ conversations: new Map(), messages: new Map(), gone: new Set() });

/**
 * Applies one event to the model and says what changed. Applying any record event
 * twice leaves the model as applying it once, and so does a delta.
 */
export function apply(model: Model, ev: ServerEvent): Change | undefined {
  switch (ev.event) {
    case 'message':
      return putMessage(model, ev.data);
    case 'conversation':
      return putConversation(model, ev.data);
    case 'delta': {
      const before = model.messages.get(ev.data.message);
      if (!before) return model.gone.has(ev.data.message) ? undefined : { kind: 'gap', id: ev.data.message };
      const message = messageWithDelta(before, ev.data);
      if (!message) return { kind: 'gap', id: before.id };
      if (message === before) return undefined;
      model.messages.set(message.id, message);
      return { kind: 'message', before, message };
    }
    case 'gone':
      // A script's message that was to come has the id of the reminder which it takes the place of.
      if (ev.data.kind !== 'conversation' && ev.data.kind !== 'message') return undefined;
      model.gone.add(ev.data.id);
      if (ev.data.kind === 'conversation') return dropConversation(model, ev.data.id);
      model.messages.delete(ev.data.id);
      return { kind: 'gone-message', id: ev.data.id };
    default:
      return undefined;
  }
}

/** Puts a message from the stream or from a page into the model by the rules of `mergeMessage`. */
export function putMessage(model: Model, next: Message): Change | undefined {
  if (model.gone.has(next.id)) return undefined;
  const before = model.messages.get(next.id);
  const message = mergeMessage(before, next);
  if (message === before) return undefined;
  model.messages.set(message.id, message);
  return { kind: 'message', before, message };
}

/** Puts a conversation from the stream or from a list into the model. */
export function putConversation(model: Model, next: Conversation): Change | undefined {
  if (model.gone.has(next.id)) return undefined;
  const before = model.conversations.get(next.id);
  const conversation = mergeConversation(before, next);
  if (conversation === before) return undefined;
  model.conversations.set(conversation.id, conversation);
  return { kind: 'conversation', before, conversation };
}

/** Forgets the messages of threads that are not open; running replies stay, their deltas need them. */
export function keepOnly(model: Model, conversation: string | undefined): void {
  for (const m of model.messages.values()) {
    if (m.conversation !== conversation && !isRunning(m)) model.messages.delete(m.id);
  }
}

function dropConversation(model: Model, id: string): Change {
  model.conversations.delete(id);
  for (const m of model.messages.values()) if (m.conversation === id) model.messages.delete(m.id);
  return { kind: 'gone-conversation', id };
}
