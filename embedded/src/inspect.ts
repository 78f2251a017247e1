/** The server of a data directory, for a process that does not use it through `startEmbeddedPostgres`. */
import { connectionString } from './connection.js';
import { clusterDirectory } from './data-dir.js';
import { silentLog } from './log.js';
import { readPassword } from './password.js';
import { isPostmaster, readLockFile, shutDown } from './postmaster.js';

export interface RunningServer {
  /** Of the postmaster. */
  pid: number;
  /** It accepts connections. */
  ready: boolean;
  /** Holds the password, so keep it out of logs. */
  url: string;
}

/** The running server of that data directory. */
export function runningServer(dataDir: string, database = 'postgres'): RunningServer | undefined {
  const cluster = clusterDirectory(dataDir);
  const lock = readLockFile(cluster);
  if (!lock || !isPostmaster(lock.pid, cluster)) return undefined;
  const url = connectionString(readPassword(dataDir), lock.port, database);
  return { pid: lock.pid, ready: lock.ready, url };
}

/** Stops the server, whichever processes still use it. For what a killed process has left running. */
export async function endServer(dataDir: string, timeoutMs = 5_000): Promise<void> {
  const cluster = clusterDirectory(dataDir);
  const lock = readLockFile(cluster);
  if (lock) await shutDown(lock.pid, cluster, timeoutMs, silentLog);
}
