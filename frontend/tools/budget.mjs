// Weighs what a first visit loads and fails when it is over its limit. Sizes are
// gzipped bytes of the static import closure of index.html, as a browser fetches it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
/** What was built; assets are kept packed only. */
const read = (file) => {
  const at = join(dist, file);
  return existsSync(at) ? readFileSync(at) : gunzipSync(readFileSync(`${at}.gz`));
};
const size = (file) => gzipSync(read(file), { level: 9 }).length;
const html = readFileSync(join(dist, 'index.html'), 'utf8');
const refs = (re) => [...html.matchAll(re)].map((m) => m[1].replace(/^\//, ''));

const first = new Set(refs(/<script[^>]+src="([^"]+)"/g));
for (const file of first) {
  const dir = file.slice(0, file.lastIndexOf('/') + 1);
  const code = read(file).toString();
  for (const m of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) first.add(dir + m[1]);
}
const css = refs(/<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"/g);
const lazy = readdirSync(join(dist, 'assets'))
  .map((f) => f.replace(/\.gz$/, ''))
  .filter((f) => f.endsWith('.js') && !first.has(`assets/${f}`))
  .map((f) => `assets/${f}`);

const kb = 1000;
const sum = (files) => [...files].reduce((n, f) => n + size(f), 0);
/** The words of a language that the page waits for. One that waits for the page in turn would never come. */
const packs = lazy.filter((f) => /\/first-[^/]+$/.test(f));
for (const pack of packs)
  if (/\bfrom\s*["']\.|\bimport\b/.test(read(pack).toString())) throw new Error(`${pack} imports`);
const most = Math.max(0, ...packs.map(size));
const rows = [
  ['first-load JS', sum(first), 60 * kb, 70 * kb],
  ['  with the words of a language', sum(first) + most, 60 * kb, 70 * kb],
  ['first-load CSS', sum(css), 8 * kb, 8 * kb],
  ['index.html', size('index.html'), 2 * kb, 2 * kb],
  ['sw.js', readdirSync(dist).includes('sw.js') ? size('sw.js') : 0, 8 * kb, 8 * kb],
  ...lazy.map((f) => [`lazy ${basename(f)}`, size(f), 30 * kb, 30 * kb]),
];
let failed = false;
for (const [name, bytes, target, limit] of rows) {
  const verdict = bytes > limit ? 'TOO LARGE' : bytes > target ? 'over target' : 'ok';
  failed ||= bytes > limit;
  console.log(`${name.padEnd(32)} ${(bytes / kb).toFixed(1).padStart(6)} kB gz  of ${limit / kb}  ${verdict}`);
}
process.exit(failed ? 1 : 0);
