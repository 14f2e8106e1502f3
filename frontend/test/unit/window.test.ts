import { afterEach, describe, expect, it, vi } from 'vitest';
import { enterWindow, outwards } from '../../src/app/window';
import { isWindow, obstacleOf, platformOf } from '../../src/core/push';

const agent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15 wails.io';

describe('the window', () => {
  const host = window as unknown as { webkit?: unknown };
  afterEach(() => {
    delete host.webkit;
    document.body.innerHTML = '';
  });

  it('is told from a browser, and needs no switch for notifications', () => {
    expect(isWindow(agent)).toBe(true);
    expect(isWindow(agent.replace(' wails.io', ''))).toBe(false);
    expect(platformOf(agent)).toBe('window');
    const s = { secure: true, platform: platformOf(agent), standalone: false, worker: true, push: false } as const;
    expect(obstacleOf({ ...s, permission: 'denied' })).toBe('window');
  });

  it('hands only links to elsewhere to the browser', () => {
    document.body.innerHTML = `<a href="https://elsewhere.example/x"><b>out</b></a><a href="/?c=1">in</a>
      <a href="javascript:alert(1)">script</a><a href="mailto:a@b.example">mail</a><p>none</p>`;
    const [out, within, script, mail] = document.querySelectorAll('a');
    expect(outwards(out!.querySelector('b'), location.origin)).toBe('https://elsewhere.example/x');
    expect(outwards(within!, location.origin)).toBeUndefined();
    expect(outwards(script!, location.origin)).toBeUndefined();
    expect(outwards(mail!, location.origin)).toBe('mailto:a@b.example');
    expect(outwards(document.querySelector('p'), location.origin)).toBeUndefined();
    expect(outwards(null, location.origin)).toBeUndefined();
  });

  it('opens them through its program, and goes where a notification leads', () => {
    const postMessage = vi.fn();
    host.webkit = { messageHandlers: { external: { postMessage } } };
    const open = vi.fn();
    const leave = enterWindow(open);
    document.body.innerHTML = '<a href="https://elsewhere.example/x" target="_blank">out</a>';
    const click = () => {
      const e = new MouseEvent('click', { bubbles: true, cancelable: true });
      document.querySelector('a')!.dispatchEvent(e);
      return e.defaultPrevented;
    };
    expect(click()).toBe(true);
    expect(postMessage).toHaveBeenCalledWith('BO:https://elsewhere.example/x');
    dispatchEvent(new CustomEvent('hark:open', { detail: { conversation: 'c1', message: 'm1' } }));
    expect(open).toHaveBeenCalledExactlyOnceWith({ conversation: 'c1', message: 'm1' });
    leave();
    dispatchEvent(new CustomEvent('hark:open', { detail: {} }));
    expect(open).toHaveBeenCalledTimes(1);
  });
});
