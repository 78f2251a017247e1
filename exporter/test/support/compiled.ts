/** The compiled command line, for tests that start processes: it starts in half the time of the sources. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const TSC = path.join(root, 'node_modules/typescript/bin/tsc');

/** Arguments of Node.js that run the compiled command line. */
export const COMPILED_CLI: readonly string[] = [
  // Also resolves agentidp-analytics-embedded to its compiled files.
  '--conditions=compiled',
  fileURLToPath(new URL('compiled-cli.mjs', import.meta.url)),
];

/** Compiles the exporter and the workspace that it imports, unless nothing has changed since the last time. */
export function compile(): void {
  for (const workspace of ['embedded', 'panels', 'exporter']) compileWorkspace(path.join(root, workspace));
}

function compileWorkspace(dir: string): void {
  const dist = path.join(dir, 'dist');
  const started = new Date();
  if (existsSync(dist) && statSync(dist).mtime > newest(path.join(dir, 'src'))) return;
  // Types are checked by `npm run typecheck`.
  execFileSync(process.execPath, [TSC, '-p', path.join(dir, 'tsconfig.build.json'), '--noCheck']);
  utimesSync(dist, started, started);
}

/** The time at which a file in the directory was last changed, added or removed. */
function newest(dir: string): Date {
  const times = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map(
    (name) => statSync(path.join(dir, name)).mtimeMs,
  );
  return new Date(Math.max(statSync(dir).mtimeMs, ...times));
}
