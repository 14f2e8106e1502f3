import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const id = 'virtual:sprite';
const icons = createRequire(import.meta.url)
  .resolve('lucide-static/package.json')
  .replace(/package\.json$/, 'icons/');

/**
 * Puts the named Lucide icons into one SVG file with a content hash in its name. `import sprite from
 * 'virtual:sprite'` gives its URL, for `<svg><use href={`${sprite}#send`} /></svg>`; the icons take the colour
 * of the text around them. A name that Lucide does not have fails the build.
 */
export function spritePlugin(names: string[]): Plugin {
  const sprite = drawSprite(names);
  const path = `assets/sprite-${createHash('sha256').update(sprite).digest('hex').slice(0, 8)}.svg`;
  return {
    name: 'hark-sprite',
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load: (module) => (module === `\0${id}` ? `export default ${JSON.stringify(`/${path}`)};` : null),
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: path, source: sprite });
    },
    configureServer(server) {
      server.middlewares.use(`/${path}`, (_request, response) => {
        response.setHeader('Content-Type', 'image/svg+xml').end(sprite);
      });
    },
  };
}

function drawSprite(names: readonly string[]): string {
  const symbols = [...new Set(names)].sort().map((name) => {
    const body = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(read(name))?.[1] ?? '';
    const shapes = body.replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>');
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  });
  const stroke = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  const drawn = symbols.map((symbol) => symbol.replace('<symbol', `<symbol ${stroke}`)).join('');
  return `<!-- Icons: Lucide, ISC licence --><svg xmlns="http://www.w3.org/2000/svg">${drawn}</svg>`;
}

function read(name: string): string {
  try {
    return readFileSync(`${icons}${name}.svg`, 'utf8');
  } catch (cause) {
    throw new Error(`Lucide has no icon named "${name}"`, { cause });
  }
}
