import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

// Each layer may import only what lies below it, so that the rules of merging,
// ordering and retrying can be read and tested without a browser.
const below = (files, folders, why) => ({
  files,
  rules: {
    'no-restricted-imports': ['error', { patterns: [{ regex: `/(${folders})/`, message: why }] }],
  },
});

export default ts.config(
  { ignores: ['dist', 'node_modules', 'test/shots'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['**/*.js', '**/*.mjs', 'tools/**', 'build/**', 'test/**'], languageOptions: { globals: globals.node } },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  // State here is replaced whole ($state.raw) and never changed in place, so plain collections are right.
  { rules: { 'svelte/prefer-svelte-reactivity': 'off' } },
  { rules: { '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }] } },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\./)', message: 'core knows only itself: no DOM, no Svelte, no network' }] },
      ],
      'no-restricted-globals': ['error', 'window', 'document', 'navigator', 'localStorage', 'fetch'],
    },
  },
  below(['src/net/**'], 'store|ui|chat|app|pair|reminders|search|settings', 'net knows core alone'),
  below(
    ['src/store/**'],
    'ui|chat|app|pair|reminders|search|settings',
    'state knows core and net, never what shows it',
  ),
  below(['src/ui/**'], 'store|net|chat|app|pair|reminders|search|settings', 'ui parts have no state of their own'),
  below(['src/chat/**'], 'app|pair|reminders|search|settings', 'the thread does not know the frame around it'),
);
