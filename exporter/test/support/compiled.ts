/** The compiled command line, which the tests that start processes run: it starts in half the time of the sources. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const TSC = path.join(root, 'node_modules/typescript/bin/tsc');

/** Arguments of Node that run the command line from what `compile` has written. */
export const COMPILED_CLI: readonly string[] = [
  // Resolves agentidp-analytics-embedded to its compiled files, too.
  '--conditions=compiled',
  fileURLToPath(new URL('compiled-cli.mjs', import.meta.url)),
];

/** Compiles the exporter and the workspace that it imports, unless that has been done since the last change. */
export function compile(): void {
  for (const workspace of ['embedded', 'exporter']) compileWorkspace(path.join(root, workspace));
}

function compileWorkspace(dir: string): void {
  const dist = path.join(dir, 'dist');
  const started = new Date();
  if (existsSync(dist) && statSync(dist).mtime > newest(path.join(dir, 'src'))) return;
  // Types are checked by `npm run typecheck`.
  execFileSync(process.execPath, [TSC, '-p', path.join(dir, 'tsconfig.build.json'), '--noCheck']);
  utimesSync(dist, started, started);
}

/** When a file was last changed, added to or removed from a folder. */
function newest(dir: string): Date {
  const times = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map(
    (name) => statSync(path.join(dir, name)).mtimeMs,
  );
  return new Date(Math.max(statSync(dir).mtimeMs, ...times));
}
