/** The superuser's password, in a file that only its owner can read. */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { passwordFile } from './data-dir.js';
import { EmbeddedPostgresError, errorMessage } from './errors.js';

export function readPassword(dataDir: string): string {
  const file = passwordFile(dataDir);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Cannot read the database password in DATA_DIR (${file}): ${errorMessage(error)}`,
    );
  }
}

/** If two processes call it concurrently, one of them generates the password and both read it. */
export function readOrMakePassword(dataDir: string): string {
  const file = passwordFile(dataDir);
  if (!existsSync(file)) {
    const made = `${file}.${process.pid}`;
    writeFileSync(made, randomBytes(24).toString('hex'), { mode: 0o600, flush: true });
    try {
      linkSync(made, file); // unlike a rename, this never replaces another process's file
    } catch (error) {
      if (!existsSync(file)) throw error;
    } finally {
      rmSync(made, { force: true });
    }
  }
  return readPassword(dataDir);
}
