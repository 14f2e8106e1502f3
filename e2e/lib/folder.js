import { mkdtempSync, rmSync } from 'node:fs';
import { after } from './after.js';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new empty folder that is deleted when the test is over.
 * @param {import('node:test').TestContext} t
 * @param {string} name
 * @returns {string}
 */
export function folder(t, name) {
  const path = mkdtempSync(join(tmpdir(), `hark-e2e-${name}-`));
  // A browser that was just closed may still be writing its last file.
  after(t, () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return path;
}
