import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { flushSync, mount, unmount } from 'svelte';
import Notes from '../../src/app/Notes.svelte';
import { Install } from '../../src/app/install.svelte';
import { Update } from '../../src/app/update.svelte';
import { soon } from './soon';

/** A worker that goes through its states as a browser makes it. */
class Worker extends EventTarget {
  state = 'installing';
  to(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

class Registration extends EventTarget {
  installing: Worker | null = null;
  waiting: Worker | null = null;
  active: Worker | null = null;
  find(): Worker {
    this.installing = new Worker();
    this.dispatchEvent(new Event('updatefound'));
    return this.installing;
  }
}

describe('a new version', () => {
  let registration: Registration;
  let container: { controller: unknown; register(): Promise<Registration> };
  beforeEach(() => {
    vi.stubEnv('PROD', true);
    registration = new Registration();
    container = { controller: null, register: () => Promise.resolve(registration) };
    Object.defineProperty(navigator, 'serviceWorker', { value: container, configurable: true });
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
    delete (navigator as { serviceWorker?: unknown }).serviceWorker;
    vi.restoreAllMocks();
  });
  async function started(): Promise<Update> {
    const update = new Update();
    await update.start();
    return update;
  }

  it('is not the first installation, even where the worker claims the page before it is heard of', async () => {
    const update = await started();
    const first = registration.find();
    container.controller = first;
    first.to('installed');
    expect(update.ready).toBe(false);
  });

  it('is not a first installation that another page began', async () => {
    registration.installing = new Worker();
    const update = await started();
    container.controller = registration.installing;
    registration.installing.to('installed');
    expect(update.ready).toBe(false);
  });

  it('is offered when it waits, was found by another page, or is found later', async () => {
    const now = new Worker();
    now.state = 'activated';
    for (const how of ['waiting', 'installing', 'found'] as const) {
      registration = new Registration();
      registration.active = now;
      const next = new Worker();
      if (how === 'waiting') next.state = 'installed';
      if (how !== 'found') registration[how] = next;
      const update = await started();
      if (how === 'installing') next.to('installed');
      if (how === 'found') registration.find().to('installed');
      expect(update.ready, how).toBe(true);
    }
  });

  function miss(served: () => Promise<Response>): void {
    const own = { getAttribute: () => '/assets/index-own.js' } as unknown as Element;
    vi.spyOn(document, 'querySelector').mockReturnValue(own);
    vi.stubGlobal('fetch', served);
    const e = new Event('vite:preloadError', { cancelable: true });
    dispatchEvent(e);
    expect(e.defaultPrevented).toBe(true);
  }
  const page = (name: string) => () => Promise.resolve(new Response(`<script src="/assets/index-${name}.js">`));

  it('is why a part is gone only where the server has another build', async () => {
    const update = await started();
    miss(page('next'));
    await soon(() => expect(update.ready).toBe(true));
    expect(update.broken).toBe(false);
  });

  it('is not a line that broke while a part was loaded', async () => {
    for (const served of [page('own'), () => Promise.reject(new TypeError('Failed to fetch'))]) {
      const update = await started();
      miss(served);
      await soon(() => expect(update.broken).toBe(true));
      expect(update.ready).toBe(false);
    }
  });

  it('is offered also to who has put off a part that did not load', () => {
    const update = new Update();
    update.broken = true;
    const rest = { install: new Install(), line: 'live' as const, trouble: '', calm: true };
    const notes = mount(Notes, { target: document.body, props: { update, ...rest, ontrouble() {}, retry() {} } });
    const note = (name: string) => document.querySelector<HTMLElement>(`[data-note=${name}]`);
    flushSync();
    note('broken')?.querySelector<HTMLElement>('.dim')?.click();
    flushSync();
    expect(note('broken')).toBeNull();
    update.ready = true;
    flushSync();
    expect(note('update')).not.toBeNull();
    void unmount(notes);
  });
});
