/** The line to the program of the desktop window, which only pages from its daemon's address have. */
interface Line {
  postMessage(text: string): void;
}

type Host = Window & { webkit?: { messageHandlers?: { external?: Line } }; chrome?: { webview?: Line } };

/** Where a click on a notification of the window leads. */
interface Goal {
  conversation?: string;
  message?: string;
}

/** The address of a link that leads out of the app, if that is where an element is. */
export function outwards(target: EventTarget | null, origin: string): string | undefined {
  const link = target instanceof Element ? target.closest('a') : null;
  if (!link?.href || link.hasAttribute('download')) return undefined;
  const { protocol, href, origin: its } = new URL(link.href);
  return ['http:', 'https:', 'mailto:'].includes(protocol) && its !== origin ? href : undefined;
}

/**
 * Does in the window what a browser does by itself: links to elsewhere open in the browser, for the window has no
 * way back; the window is called as the page is; and a clicked notification leads to its message.
 */
export function enterWindow(open: (to: Goal) => void): () => void {
  const host: Host = window;
  const line = host.webkit?.messageHandlers?.external ?? host.chrome?.webview;
  const stop = new AbortController();
  const { signal } = stop;
  const onClick = (e: MouseEvent) => {
    const href = outwards(e.target, location.origin);
    if (!href || e.defaultPrevented) return;
    e.preventDefault();
    line?.postMessage(`BO:${href}`);
  };
  document.addEventListener('click', onClick, { signal });
  document.addEventListener('auxclick', onClick, { signal });
  addEventListener('hark:open', (e) => open((e as CustomEvent<Goal>).detail), { signal });

  const name = () => line?.postMessage(`WT${document.title}`);
  const named = new MutationObserver(name);
  const title = document.querySelector('title');
  if (title) named.observe(title, { childList: true, characterData: true, subtree: true });
  name();
  return () => {
    stop.abort();
    named.disconnect();
  };
}
