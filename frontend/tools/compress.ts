import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** The committed file that lets the Go side compile before the app is built. */
const KEPT = 'placeholder.html';
const TEXT = /\.(html|js|css|svg|json|webmanifest|txt)$/;

/**
 * Empties the output folder but for its placeholder before a build, and after it
 * puts a `.gz` and a `.br` beside each text file; of assets it keeps these alone, and
 * the server unpacks them for who takes neither. The same input gives the same
 * bytes on every machine: node writes no time and no name into a gzip header.
 */
export function compressPlugin(): Plugin {
  let dir = 'dist';
  return {
    name: 'hark-compress',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      dir = join(config.root, config.build.outDir);
    },
    async buildStart() {
      for (const name of await readdir(dir).catch(() => [])) {
        if (name !== KEPT) await rm(join(dir, name), { recursive: true });
      }
    },
    closeBundle: { order: 'post', sequential: true, handler: () => compressFolder(dir) },
  };
}

async function compressFolder(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !TEXT.test(entry.name) || entry.name === KEPT) continue;
    const file = join(entry.parentPath, entry.name);
    const body = await readFile(file);
    await writeFile(`${file}.gz`, gzipSync(body, { level: 9 }));
    await writeFile(`${file}.br`, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    if (basename(entry.parentPath) === 'assets') await rm(file);
  }
}
