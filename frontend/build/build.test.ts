// @vitest-environment node
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { describe, expect, it } from 'vitest';
import { spritePlugin } from './sprite.ts';
import { buildId, swPlugin } from './sw-plugin.ts';

/** Builds a page of one line with the two plugins, into memory. */
async function outputs(): Promise<Map<string, string>> {
  const entry = '\0entry';
  const made = (await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (source) => (source === 'entry' ? entry : null),
        load: (id) => (id === entry ? "import sprite from 'virtual:sprite'; document.title = sprite;" : null),
      },
      spritePlugin(['send', 'bell', 'send']),
      swPlugin(),
    ],
    build: { write: false, rolldownOptions: { input: 'entry', output: { entryFileNames: 'assets/[name]-[hash].js' } } },
  })) as Rolldown.RolldownOutput;
  return new Map(made.output.map((o) => [o.fileName, o.type === 'chunk' ? o.code : String(o.source)]));
}

describe('the build', () => {
  it('writes one sprite under a hashed name, and the page knows it', async () => {
    const files = await outputs();
    const sprite = [...files.keys()].find((name) => /^assets\/sprite-[\da-f]{8}\.svg$/.test(name)) ?? 'none';
    expect(files.get(sprite)?.match(/<symbol /g)).toHaveLength(2);
    expect(files.get([...files.keys()].find((name) => name.endsWith('.js')) ?? '')).toContain(`/${sprite}`);
  });

  it('writes a worker that names its build and every asset, in at most 7 kB', async () => {
    const files = await outputs();
    const worker = files.get('sw.js') ?? '';
    expect(worker).toContain(buildId());
    for (const name of files.keys()) if (name.startsWith('assets/')) expect(worker).toContain(`/${name}`);
    expect(gzipSync(worker).length).toBeLessThan(7000);
  });

  it('is the same twice', async () => {
    expect(await outputs()).toEqual(await outputs());
  });

  it('fails for an icon that does not exist', () => {
    expect(() => spritePlugin(['no-such-icon'])).toThrow('no icon named "no-such-icon"');
  });
});
