/** A PostgreSQL that a test can start and stop. */
import { endServer, findProcess, runningServer, startEmbeddedPostgres } from 'agentidp-analytics-embedded';
import { eventually } from './eventually.js';

export class DatabaseServer {
  private constructor(
    private readonly dataDir: string,
    readonly url: string,
  ) {}

  /** Creates the cluster and leaves it stopped. */
  static async make(dataDir: string): Promise<DatabaseServer> {
    const embedded = await startEmbeddedPostgres({ dataDir, fsync: false });
    await embedded.stop();
    return new DatabaseServer(dataDir, embedded.url);
  }

  async start(): Promise<void> {
    const { dataDir } = this;
    const port = Number(new URL(this.url).port);
    await startEmbeddedPostgres({ dataDir, port, fsync: false, restart: false });
  }

  /** SIGTERM waits for its clients to disconnect, SIGINT disconnects them, SIGQUIT ends everything like a crash. */
  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT'): void {
    process.kill(this.pid, signal);
  }

  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const { pid } = this;
    this.signal(signal);
    await eventually('the end of PostgreSQL', () => findProcess(pid) === undefined);
  }

  end(): Promise<void> {
    return endServer(this.dataDir);
  }

  private get pid(): number {
    const server = runningServer(this.dataDir);
    if (server === undefined) throw new Error('it does not run');
    return server.pid;
  }
}
