import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import {
  endServer,
  findProcess,
  makeTemporaryDataDir,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../../src/index.js';

const SCRIPT = fileURLToPath(new URL('process.ts', import.meta.url));

export const PREFIX = 'agentidp-embedded-test-';

export interface UserProcess {
  child: ChildProcess;
  url: string;
  pid: number;
  adopted: boolean;
  /** Ends it in an orderly way, and waits. */
  end(): Promise<void>;
  /** Ends it with SIGKILL, and waits. */
  kill(): Promise<void>;
}

/** The data directories, servers and processes of one test. `cleanUp` stops and removes all of them. */
export class EmbeddedTest {
  private readonly directories: string[] = [];
  private readonly children: ChildProcess[] = [];
  private readonly servers: EmbeddedPostgres[] = [];

  directory(): string {
    const made = makeTemporaryDataDir(PREFIX);
    this.directories.push(made);
    return made;
  }

  async start(dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
    const server = await startEmbeddedPostgres({ dataDir, fsync: false, ...options });
    this.servers.push(server);
    return server;
  }

  /** A process in its own process group that starts or adopts the server of that directory. */
  spawn(dataDir: string): ChildProcessByStdio<Writable, Readable, null> {
    const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, dataDir], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.children.push(child);
    return child;
  }

  /** The same, once its server is ready. */
  async startProcess(dataDir: string): Promise<UserProcess> {
    const child = this.spawn(dataDir);
    const exited = once(child, 'exit');
    const [line] = (await Promise.race([
      once(createInterface(child.stdout), 'line'),
      exited.then(([code]) => Promise.reject(new Error(`ended with ${String(code)}`))),
    ])) as [string];
    return {
      child,
      ...(JSON.parse(line) as { url: string; pid: number; adopted: boolean }),
      end: async () => {
        child.stdin.end();
        await exited;
      },
      kill: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    };
  }

  async cleanUp(): Promise<void> {
    for (const child of this.children) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
    }
    for (const server of this.servers) await server.stop();
    for (const directory of this.directories) {
      await endServer(directory);
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

export async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

export function isRunning(pid: number): boolean {
  return findProcess(pid) !== undefined;
}

/** Whether the tests run as root, which can start processes as other users. */
export const isRoot = process.getuid?.() === 0;

/** Runs `work` as if on another platform. */
export async function pretending<T>(
  key: 'platform' | 'arch',
  value: string,
  work: () => T | Promise<T>,
): Promise<T> {
  const original = Object.getOwnPropertyDescriptor(process, key);
  Object.defineProperty(process, key, { ...original, value });
  try {
    return await work();
  } finally {
    Object.defineProperty(process, key, original ?? {});
  }
}
