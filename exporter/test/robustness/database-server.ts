/** A PostgreSQL of a test's own, made with the embedded binaries, that the test starts and stops as it likes. */
import { startEmbeddedPostgres } from '../../src/db/embedded.js';
import { findBinaries } from '../../src/db/embedded/binaries.js';
import { chooseUser, clusterDirectory } from '../../src/db/embedded/cluster.js';
import { isPostmaster, launch, readLockFile, shutDown } from '../../src/db/embedded/postmaster.js';
import { findProcess } from '../../src/db/embedded/processes.js';
import { silentLog } from '../../src/db/log.js';
import { eventually } from './eventually.js';

export class DatabaseServer {
  private constructor(
    private readonly dataDir: string,
    readonly url: string,
  ) {}

  /** Made and stopped again. */
  static async make(dataDir: string): Promise<DatabaseServer> {
    const embedded = await startEmbeddedPostgres({ dataDir, log: silentLog, fsync: false });
    await embedded.stop();
    return new DatabaseServer(dataDir, embedded.url);
  }

  async start(): Promise<void> {
    const { dataDir, cluster } = this;
    const runAs = chooseUser(dataDir);
    const binaries = await findBinaries(dataDir, runAs);
    const port = Number(new URL(this.url).port);
    launch({ dataDir, cluster, binaries, runAs, port, fsync: false, settings: {} });
    await eventually('PostgreSQL', () => readLockFile(cluster)?.ready === true);
  }

  /** SIGTERM waits for its clients to leave, SIGINT sends them away, SIGQUIT drops everything as a crash would. */
  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT'): void {
    process.kill(this.pid, signal);
  }

  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const { pid } = this;
    this.signal(signal);
    await eventually('the end of PostgreSQL', () => findProcess(pid) === undefined);
  }

  async end(): Promise<void> {
    const pid = readLockFile(this.cluster)?.pid;
    if (pid !== undefined && isPostmaster(pid, this.cluster)) {
      await shutDown(pid, this.cluster, 5_000, silentLog);
    }
  }

  private get cluster(): string {
    return clusterDirectory(this.dataDir);
  }

  private get pid(): number {
    const lock = readLockFile(this.cluster);
    if (lock === undefined) throw new Error('it does not run');
    return lock.pid;
  }
}
