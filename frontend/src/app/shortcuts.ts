/** What the keyboard can do anywhere in the app. */
export interface Shortcuts {
  search(): void;
  create(): void;
}

const inField = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Handles the app's shortcuts; keys that a field or a dialog needs stay theirs. */
export function onShortcut(e: KeyboardEvent, act: Shortcuts): void {
  if (e.isComposing || e.defaultPrevented) return;
  const modalOpen = document.querySelector('dialog[open]') !== null;
  if (modalOpen) return;
  const command = (e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === 'k';
  if (command || (e.key === '/' && !inField(e.target) && !e.ctrlKey && !e.altKey && !e.metaKey)) {
    e.preventDefault();
    act.search();
  } else if (e.altKey && !e.ctrlKey && !e.metaKey && e.code === 'KeyN') {
    e.preventDefault();
    act.create();
  } else if (e.key === 'Escape' && inField(e.target)) {
    (e.target as HTMLElement).blur();
  }
}
