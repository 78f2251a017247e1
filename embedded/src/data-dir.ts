/** The layout of a data directory, and its creation. */
import { chmodSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { EmbeddedPostgresError, errorMessage } from './errors.js';

/** PostgreSQL's own data directory. */
export function clusterDirectory(dataDir: string): string {
  return path.join(dataDir, 'postgres');
}

export function passwordFile(dataDir: string): string {
  return path.join(dataDir, 'postgres.password');
}

export function logFile(dataDir: string): string {
  return path.join(dataDir, 'postgres.log');
}

/** initdb works in a sibling directory that is renamed at the end, so a directory without these files is not a cluster. */
export function isCompleteCluster(cluster: string): boolean {
  return ['PG_VERSION', 'global/pg_control'].every((file) => existsSync(path.join(cluster, file)));
}

/**
 * Returns the real path, which is how the server reports its data_directory. PostgreSQL's user can access the directories
 * that are created here, whatever the umask is; the secret files in them have mode 0600.
 */
export function makeDataDir(dataDir: string): string {
  try {
    const absolute = path.resolve(dataDir);
    const first = mkdirSync(absolute, { recursive: true });
    if (first && process.getuid?.() === 0) {
      for (let made = absolute; made.length >= first.length; made = path.dirname(made))
        chmodSync(made, 0o711);
    }
    return realpathSync(absolute);
  } catch (error) {
    throw new EmbeddedPostgresError(`Cannot make DATA_DIR (${dataDir}): ${errorMessage(error)}`);
  }
}
