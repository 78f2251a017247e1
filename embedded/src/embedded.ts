/** Starts, watches and stops the PostgreSQL of a data directory. */
import path from 'node:path';
import { findBinaries, locateBinaries } from './binaries.js';
import { ensureCluster } from './cluster.js';
import { clusterDirectory, makeDataDir } from './data-dir.js';
import { boundLog } from './log-file.js';
import { silentLog, type EmbeddedPostgresLog } from './log.js';
import { readOrMakePassword } from './password.js';
import { isOurs, isPostmaster, readLockFile, shutDown } from './postmaster.js';
import { ServerReferences } from './references.js';
import { chooseUser, withAccess } from './server-user.js';
import { adoptOrLaunch, type Running, type StartContext } from './start.js';

const WATCH_MS = 1_000;

export interface EmbeddedPostgresOptions {
  /** Contains the cluster, its password, its log and the list of the processes that use it. */
  dataDir: string;
  /** The database in `url`; created if it does not exist. Default `postgres`. */
  database?: string;
  /** Default: nothing is logged. */
  log?: EmbeddedPostgresLog;
  /** Port on 127.0.0.1. Default: that of the previous server if it was killed, otherwise a free one. */
  port?: number;
  /** Whether a server that dies is restarted on the same port; default true. */
  restart?: boolean;
  /** Set it to false only if all data may be lost, as in tests. */
  fsync?: boolean;
  /** Additional server settings, as in `postgres -c`. */
  settings?: Record<string, string>;
  /** How long a start, including crash recovery, may take before it fails; in milliseconds, default 300,000. */
  startTimeoutMs?: number;
  /** How long a fast shutdown may take before stronger signals are sent; in milliseconds, default 60,000. */
  stopTimeoutMs?: number;
}

export interface EmbeddedPostgres {
  /** A connection string with the password, so do not log it. It does not change when the server is restarted. */
  readonly url: string;
  /** Whether another process had started the server. */
  readonly adopted: boolean;
  /** Process id of the postmaster. */
  readonly pid: number;
  /** Stops the server, unless other living processes use it. Then the last of them stops it. */
  stop(): Promise<void>;
}

async function prepare(options: EmbeddedPostgresOptions): Promise<StartContext> {
  const { log = silentLog, database = 'postgres', fsync = true, settings = {} } = options;
  const { port, startTimeoutMs = 300_000 } = options;
  const dataDir = makeDataDir(options.dataDir);
  const cluster = clusterDirectory(dataDir);
  const chosen = chooseUser(dataDir);
  const user = chosen && withAccess(chosen, [dataDir, path.dirname((await locateBinaries()).postgres)]);
  const binaries = await findBinaries(dataDir, user);
  const password = readOrMakePassword(dataDir);
  await ensureCluster({ dataDir, binaries, user, password, fsync, log });
  const references = new ServerReferences(dataDir);
  const server = { dataDir, cluster, binaries, user, port, fsync, settings };
  return { ...server, password, database, references, log, startTimeoutMs };
}

/** The server as used by one process, from start to stop. */
class Handle implements EmbeddedPostgres {
  private readonly watch: NodeJS.Timeout;
  private logFailed = false;
  private restarting: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly context: StartContext,
    private running: Running,
    private readonly options: EmbeddedPostgresOptions,
  ) {
    this.watch = setInterval(() => this.check(), WATCH_MS).unref();
  }

  get url(): string {
    return this.running.url;
  }

  get adopted(): boolean {
    return this.running.adopted;
  }

  get pid(): number {
    return this.running.pid;
  }

  stop(): Promise<void> {
    return (this.stopped ??= this.release());
  }

  private check(): void {
    this.checkLog();
    if (this.options.restart === false) return;
    if (this.restarting || isPostmaster(this.pid, this.context.cluster)) return;
    this.restarting = this.restart().finally(() => (this.restarting = undefined));
  }

  /** A full disk, for example, must not end the process that uses the server. */
  private checkLog(): void {
    try {
      boundLog(this.context.dataDir);
    } catch (err) {
      if (!this.logFailed)
        this.context.log.warn({ err }, 'the log of the embedded database could not be shortened');
      this.logFailed = true;
    }
  }

  private async restart(): Promise<void> {
    const { context, running } = this;
    const { log } = context;
    log.warn({ pid: running.pid }, 'the embedded database has ended: starting it again');
    try {
      const { pid } = await adoptOrLaunch({ ...context, port: running.port });
      this.running = { ...running, pid };
      log.info({ pid }, 'the embedded database is ready again');
    } catch (err) {
      log.warn({ err }, 'the embedded database could not be started again');
    }
  }

  private async release(): Promise<void> {
    const { cluster, references, log } = this.context;
    clearInterval(this.watch);
    await this.restarting;
    const { pid } = readLockFile(cluster) ?? this.running;
    if (!references.release()) {
      log.info({ pid }, 'left the embedded database to the other processes that use it');
      return;
    }
    // A server that an operator has started manually is not stopped.
    const ours = isOurs(pid, cluster);
    try {
      if (ours) await shutDown(pid, cluster, this.options.stopTimeoutMs ?? 60_000, log);
    } finally {
      references.stopped();
    }
    log.info({ pid }, ours ? 'stopped the embedded database' : 'left the database to who had started it');
  }
}

/**
 * Starts the PostgreSQL that npm installed, or adopts the one that is already running on this data directory. Until
 * `stop()` is called, a server that dies is restarted on the same port.
 *
 * A caller that has to exit during the start must wait for it and then call `stop()`. Otherwise the server keeps running
 * until the next start on this data directory adopts it.
 * @throws EmbeddedPostgresError with a one-line message for the operator
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const context = await prepare(options);
  const { references, log } = context;
  references.acquire();
  try {
    const running = await adoptOrLaunch(context);
    log.info({ pid: running.pid, adopted: running.adopted }, 'the embedded database is ready');
    return new Handle(context, running, options);
  } catch (error) {
    if (references.release()) references.stopped();
    throw error;
  }
}
