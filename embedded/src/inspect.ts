/** Access to the server of a data directory for processes that do not use `startEmbeddedPostgres`. */
import { connectionString } from './connection.js';
import { clusterDirectory } from './data-dir.js';
import { silentLog } from './log.js';
import { readPassword } from './password.js';
import { isPostmaster, readLockFile, shutDown } from './postmaster.js';

export interface RunningServer {
  /** Process id of the postmaster. */
  pid: number;
  /** It accepts connections. */
  ready: boolean;
  /** Contains the password, so do not log it. */
  url: string;
}

/** The running server of a data directory. */
export function runningServer(dataDir: string, database = 'postgres'): RunningServer | undefined {
  const cluster = clusterDirectory(dataDir);
  const lock = readLockFile(cluster);
  if (!lock || !isPostmaster(lock.pid, cluster)) return undefined;
  const url = connectionString(readPassword(dataDir), lock.port, database);
  return { pid: lock.pid, ready: lock.ready, url };
}

/** Stops the server even if other processes use it, for example one that a killed process has left running. */
export async function endServer(dataDir: string, timeoutMs = 5_000): Promise<void> {
  const cluster = clusterDirectory(dataDir);
  const lock = readLockFile(cluster);
  if (lock) await shutDown(lock.pid, cluster, timeoutMs, silentLog);
}
