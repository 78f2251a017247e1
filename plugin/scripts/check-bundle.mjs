/**
 * The entry bundle is loaded with every dashboard that holds a panel of this data source: it stays small, and the
 * editors stay out of it. Exits with 1 where that is not so.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const MAX_GZIPPED_BYTES = 60_000;

const dist = new URL('../dist/', import.meta.url);
const bundle = readFileSync(new URL('module.js', dist));
const size = gzipSync(bundle).byteLength;
const chunks = readdirSync(dist).filter((name) => name.endsWith('.js') && name !== 'module.js');

console.log(
  `module.js: ${size} bytes gzipped, at most ${MAX_GZIPPED_BYTES}; ${chunks.length} chunks loaded on demand`,
);
if (size > MAX_GZIPPED_BYTES) {
  console.error('module.js is too large');
  process.exitCode = 1;
}
if (chunks.length === 0) {
  console.error('the editors are not in chunks of their own');
  process.exitCode = 1;
}
