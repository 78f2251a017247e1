import { chmodSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { findBinaries, locate } from './binaries.js';
import { chooseUser, clusterDirectory, ensureCluster, readOrMakePassword } from './cluster.js';
import { isEmbedded, isPostmaster, readLockFile, shutDown } from './postmaster.js';
import { adoptOrLaunch, type StartContext } from './start.js';
import { withReach } from './reach.js';
import { ServerUsers } from './users.js';
import { EmbeddedPostgresError, errorMessage } from './errors.js';
import { silentLog, type EmbeddedPostgresLog } from './log.js';

const WATCH_MS = 1_000;

export interface EmbeddedPostgresOptions {
  /** The cluster, its password, its log and the list of its users are kept here. */
  dataDir: string;
  /** The database that `url` names; made where it is missing. Default `postgres`. */
  database?: string;
  /** Default: nothing is logged. */
  log?: EmbeddedPostgresLog;
  /** False only where losing everything is fine, as in tests. */
  fsync?: boolean;
  /** Of 127.0.0.1. Default: that of the server before this one, or a free one. */
  port?: number;
  /** False leaves a server that died dead; default true. */
  restart?: boolean;
  /** Further server settings, as `postgres -c` takes them. */
  settings?: Record<string, string>;
  /** How long crash recovery may take until the start counts as failed; default 300,000. */
  startTimeoutMs?: number;
  /** How long a fast shutdown may take until it is enforced; default 60,000. */
  stopTimeoutMs?: number;
}

export interface EmbeddedPostgres {
  /** A connection string with the password, so not for logs. It stays when the server is restarted. */
  readonly url: string;
  /** Another process had started it. */
  readonly adopted: boolean;
  /** Of the postmaster. */
  readonly pid: number;
  /** Stops the server, or leaves it to the other living processes that use it, the last of which stops it. */
  stop(): Promise<void>;
}

/** Folders made here can be entered by PostgreSQL's user whatever the umask; what is secret in them is 0600. */
function makeDataDir(dataDir: string): string {
  try {
    const absolute = path.resolve(dataDir);
    const first = mkdirSync(absolute, { recursive: true });
    if (first && process.getuid?.() === 0) {
      for (let made = absolute; made.length >= first.length; made = path.dirname(made))
        chmodSync(made, 0o711);
    }
    return realpathSync(absolute); // as the server reports its data_directory
  } catch (error) {
    throw new EmbeddedPostgresError(`Cannot make DATA_DIR (${dataDir}): ${errorMessage(error)}`);
  }
}

async function prepare(options: EmbeddedPostgresOptions): Promise<StartContext> {
  const { log = silentLog, database = 'postgres', fsync = true, settings = {} } = options;
  const { port, startTimeoutMs = 300_000 } = options;
  const dataDir = makeDataDir(options.dataDir);
  const user = chooseUser(dataDir);
  const runAs = user && withReach(user, [dataDir, path.dirname((await locate()).postgres)]);
  const binaries = await findBinaries(dataDir, runAs);
  const password = readOrMakePassword(dataDir);
  await ensureCluster({ dataDir, binaries, runAs, password, fsync, log });
  const cluster = clusterDirectory(dataDir);
  const users = new ServerUsers(dataDir);
  const server = { dataDir, cluster, binaries, runAs, port, fsync, settings };
  return { ...server, password, database, users, log, startTimeoutMs };
}

/**
 * Starts the PostgreSQL that comes with npm, or adopts the one that already runs on this DATA_DIR. While
 * the returned handle is not stopped, a server that dies is started again on the same port.
 *
 * A caller that is told to end during the start waits for it and then calls `stop()`; otherwise the server
 * stays until the next start on this DATA_DIR adopts it.
 * @throws EmbeddedPostgresError with one line for the operator
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { restart: restarts = true, stopTimeoutMs = 60_000 } = options;
  const context = await prepare(options);
  const { cluster, users, log } = context;
  users.enter();
  let running = await adoptOrLaunch(context).catch((error: unknown) => {
    if (users.leave()) users.stopped();
    throw error;
  });
  log.info({ pid: running.pid, adopted: running.adopted }, 'the embedded database is ready');

  let restart: Promise<void> | undefined;
  const watch = setInterval(() => {
    if (!restarts || restart || isPostmaster(running.pid, cluster)) return;
    log.warn({ pid: running.pid }, 'the embedded database has ended: starting it again');
    restart = adoptOrLaunch({ ...context, port: running.port })
      .then(
        (again) => {
          running = { ...again, url: running.url, adopted: running.adopted };
          log.info({ pid: again.pid }, 'the embedded database is ready again');
        },
        (err: unknown) => log.warn({ err }, 'the embedded database could not be started again'),
      )
      .finally(() => (restart = undefined));
  }, WATCH_MS).unref();

  const stop = async (): Promise<void> => {
    clearInterval(watch);
    await restart;
    const { pid } = readLockFile(cluster) ?? running;
    if (!users.leave()) {
      log.info({ pid }, 'left the embedded database to the other processes that use it');
      return;
    }
    // One that an operator has started by hand is theirs to stop.
    const ours = isEmbedded(pid, cluster);
    try {
      if (ours) await shutDown(pid, cluster, stopTimeoutMs, log);
    } finally {
      users.stopped();
    }
    log.info({ pid }, ours ? 'stopped the embedded database' : 'left the database to who had started it');
  };
  let stopped: Promise<void> | undefined;
  return {
    url: running.url,
    adopted: running.adopted,
    get pid() {
      return running.pid;
    },
    stop: () => (stopped ??= stop()),
  };
}
