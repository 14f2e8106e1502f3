import type { Conversation } from '../core/protocol';
import { t } from '../i18n/en';
import { ts } from '../i18n/en.steps';
import type { MenuItem } from '../ui/Menu.svelte';

/** What a conversation's menu can do. */
export interface ConversationActs {
  rename(): void;
  /** Not everywhere: the list is for what is quick. */
  model?(): void;
  change(change: { archived?: boolean; muted?: boolean }): void;
  remove(): void;
}

/** The menu of a conversation. The inbox can be neither archived nor deleted: it is where things arrive. */
export function conversationItems(c: Conversation, act: ConversationActs): MenuItem[] {
  const items: MenuItem[] = [
    { icon: 'pencil', text: t.list.rename, act: () => act.rename() },
    c.muted
      ? { icon: 'bell', text: t.list.unmute, act: () => act.change({ muted: false }) }
      : { icon: 'bell-off', text: t.list.mute, act: () => act.change({ muted: true }) },
  ];
  if (act.model) items.splice(1, 0, { icon: 'sparkles', text: ts.model, act: () => act.model?.() });
  if (c.inbox) return items;
  items.push(
    c.archived
      ? { icon: 'archive-restore', text: t.list.unarchive, act: () => act.change({ archived: false }) }
      : { icon: 'archive', text: t.list.archive, act: () => act.change({ archived: true }) },
    { icon: 'trash-2', text: t.delete, bad: true, act: () => act.remove() },
  );
  return items;
}
