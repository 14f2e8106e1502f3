import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { spritePlugin } from './build/sprite.ts';
import { swPlugin } from './build/sw-plugin.ts';
import { compressPlugin } from './tools/compress.ts';
import { icons } from './tools/icons.ts';
import { themePlugin } from './tools/theme.ts';

export default defineConfig({
  plugins: [svelte(), spritePlugin([...icons]), themePlugin(), swPlugin(), compressPlugin()],
  build: {
    // Browsers that know light-dark(): an older target rewrites it into variables
    // that stay empty, and every colour of the page vanishes.
    target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    emptyOutDir: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': process.env.HARK_URL ?? 'http://127.0.0.1:4275' } },
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: {
    environment: 'happy-dom',
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    include: ['src/**/*.test.ts', 'build/**/*.test.ts', 'test/unit/**/*.test.ts'],
  },
});
