import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, type Rolldown } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Everything that can change what the build writes. */
const sources = ['src', 'public', 'build', 'index.html', 'package-lock.json', 'vite.config.ts'];
/** Files outside assets/ that the app shows while it is offline. */
const alsoOffline = ['/favicon.svg', '/icon-192.png', '/badge-96.png'];

/**
 * Names this build by what it was made from: twelve hexadecimal digits, the same on every machine for the
 * same sources. The page, the worker and the daemon compare them to find out that they are not of one build.
 */
export function buildId(): string {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((name) => list(join(root, name)))) {
    hash.update(relative(root, file).split(sep).join('/')).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}

/**
 * Builds src/sw/sw.ts in a second pass and writes it to /sw.js, with the build's name and the list of
 * files to keep for offline use inside, so that the worker's bytes change exactly when the app does.
 */
export function swPlugin(): Plugin {
  return {
    name: 'hark-sw',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const assets = Object.keys(bundle).filter((name) => name.startsWith('assets/') && !name.endsWith('.map'));
        const files = ['/', ...assets.map((name) => `/${name}`).sort(), ...alsoOffline];
        const source = await worker({ build: buildId(), files });
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}

async function worker(shell: { build: string; files: string[] }): Promise<string> {
  const output = (await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { __HARK_SHELL__: JSON.stringify(shell) },
    build: {
      write: false,
      target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
      lib: { entry: join(root, 'src/sw/sw.ts'), formats: ['iife'], name: 'hark' },
      minify: true,
    },
  })) as Rolldown.RolldownOutput[];
  const code = output[0]?.output[0].code;
  if (code === undefined) throw new Error('the service worker build gave no code');
  return code;
}

function list(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => (entry.isDirectory() ? list(join(path, entry.name)) : [join(path, entry.name)]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
}
