#!/usr/bin/env node
// From a checkout the sources run as they are, so that nothing built can be stale; an image has only the compiled code.
import { existsSync } from 'node:fs';

const source = new URL('../src/main.ts', import.meta.url);
const { run } = existsSync(source)
  ? await import('tsx/esm/api').then(({ tsImport }) => tsImport(source.href, import.meta.url))
  : await import('../dist/main.js');

await run(process.argv);
