/** Tests that need an installed program. Without it they are skipped, and the reason is printed; in CI they fail. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path of the first of the programs that is on the PATH. */
export function findProgram(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `describe` for tests that need a program. Several names are alternatives, such as those of Chromium. */
export function describeWith(program: string | readonly string[], title: string, body: () => void): void {
  const names = typeof program === 'string' ? [program] : program;
  const needed = names.join(' or ');
  if (findProgram(...names) !== undefined) {
    describe(title, body);
  } else if (isCi()) {
    describe(title, () => {
      it(`needs ${needed}`, () => {
        throw new Error(`${needed} is not installed, and CI skips no test`);
      });
    });
  } else {
    // jest does not print the names of tests if it skips their whole file.
    process.stderr.write(`Skipped: "${title}", because ${needed} is not installed\n`);
    describe.skip(title, body);
  }
}

/** Path of a file of real input. It is not part of the repository. */
export const realInput = (name: string): string =>
  fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url));

/** `describe` for tests that read real input. Without it they are skipped, and the reason is printed. */
export function describeReal(name: string, title: string, body: (path: string) => void): void {
  const path = realInput(name);
  if (existsSync(path)) {
    describe(title, () => body(path));
  } else {
    process.stderr.write(`Skipped: "${title}", because ${path} is not there\n`);
    describe.skip(title, () => body(path));
  }
}

function isCi(): boolean {
  return /^(true|1)$/i.test(process.env.CI ?? '');
}
