import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/**
 * Runs before the first paint and puts the chosen theme and text size on the page,
 * so that a dark page never flashes white. A file of its own, because the page
 * allows no inline script.
 */
const CODE = `try{var d=document.documentElement,s=localStorage;d.dataset.theme=s.getItem('hark-theme')||'system';
var z=+s.getItem('hark-size');if(z)d.style.fontSize=z+'%'}catch(e){}`;

/** Emits the script under a hashed name and puts it into the head of the page, where it blocks for a moment. */
export function themePlugin(): Plugin {
  const path = `/assets/theme-${createHash('sha256').update(CODE).digest('hex').slice(0, 8)}.js`;
  return {
    name: 'hark-theme',
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: path }, injectTo: 'head-prepend' }],
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: path.slice(1), source: CODE });
    },
    configureServer(server) {
      server.middlewares.use(path, (_request, response) => {
        response.setHeader('Content-Type', 'text/javascript').end(CODE);
      });
    },
  };
}
