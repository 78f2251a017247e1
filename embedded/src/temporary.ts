/** Data directories for tests and benchmarks, in the system's temporary folder. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { endServer } from './inspect.js';
import { findProcess } from './processes.js';

/** Creates a directory that PostgreSQL's user can access. Its name starts with the prefix and the pid of this process. */
export function makeTemporaryDataDir(prefix: string): string {
  const made = mkdtempSync(path.join(os.tmpdir(), `${prefix}${process.pid}-`));
  chmodSync(made, 0o711);
  return made;
}

/** Stops the servers and removes the directories that killed processes have left. */
export async function removeLeftoverDataDirs(prefix: string): Promise<void> {
  for (const name of readdirSync(os.tmpdir())) {
    const pid = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (!pid || findProcess(Number(pid))) continue;
    const left = path.join(os.tmpdir(), name);
    try {
      await endServer(left);
      rmSync(left, { recursive: true, force: true });
    } catch {
      // It belongs to another user.
    }
  }
}
