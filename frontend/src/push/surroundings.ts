import { platformOf, type Surroundings } from '../core/push';

/** The display mode in which the app runs, as the server keeps it. */
export function displayMode(): string {
  const modes = ['standalone', 'minimal-ui', 'fullscreen', 'window-controls-overlay'];
  return modes.find((mode) => matchMedia(`(display-mode: ${mode})`).matches) ?? 'browser';
}

/** What this browser lets the page do. Safe to ask everywhere, and again after anything may have changed. */
export function surroundings(): Surroundings {
  const ownIcon = (navigator as { standalone?: boolean }).standalone === true;
  return {
    // Without it the browser still has some of the names below, and none of them works.
    secure: isSecureContext,
    platform: platformOf(navigator.userAgent, navigator.maxTouchPoints),
    standalone: ownIcon || displayMode() !== 'browser',
    worker: 'serviceWorker' in navigator,
    push: 'PushManager' in window && 'Notification' in window,
    permission: 'Notification' in window ? Notification.permission : 'denied',
  };
}
