/** The server of a data directory, seen from a process that has not started it. */
import { clusterDirectory, readPassword } from './cluster.js';
import { silentLog } from './log.js';
import { isPostmaster, readLockFile, shutDown } from './postmaster.js';
import { connectionString } from './start.js';

export interface RunningServer {
  /** Of the postmaster. */
  pid: number;
  /** It accepts connections. */
  ready: boolean;
  /** Holds the password, so keep it out of logs. */
  url: string;
}

/** The living server of that data directory. */
export function runningServer(dataDir: string, database = 'postgres'): RunningServer | undefined {
  const cluster = clusterDirectory(dataDir);
  const lock = readLockFile(cluster);
  if (!lock || !isPostmaster(lock.pid, cluster)) return undefined;
  const url = connectionString(readPassword(dataDir), lock.port, database);
  return { pid: lock.pid, ready: lock.ready, url };
}

/** Stops the server that a killed process has left behind, whoever else uses it. Does nothing where none runs. */
export async function endServer(dataDir: string, timeoutMs = 5_000): Promise<void> {
  const cluster = clusterDirectory(dataDir);
  const lock = readLockFile(cluster);
  if (lock) await shutDown(lock.pid, cluster, timeoutMs, silentLog);
}
