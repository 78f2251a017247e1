/** The real exporter in its own process, started with the command line as by an operator. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { endServer, runningServer } from 'agentidp-analytics-embedded';
import { signToken } from '../../src/auth/tokens.js';
import { SECRET } from '../support/app.js';
import { COMPILED_CLI } from '../support/compiled.js';
import { makeTestDirectory } from '../support/server.js';
import { eventually } from './eventually.js';

/** How a process ended. */
export interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** A running command, with all its output. */
export class Command {
  output = '';
  errors = '';
  readonly ended: Promise<End>;

  constructor(readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    // Not `exit`, which may come before the last output.
    this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as End);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/** The command `serve`. */
export class Exporter extends Command {
  url = '';

  async listening(): Promise<this> {
    this.url = await eventually(
      'listening',
      () => {
        if (!this.running) throw new Error(`ended instead: ${this.output}${this.errors}`);
        return /"url":"(http:[^"]+)"/.exec(this.output)?.[1];
      },
      60_000,
    );
    return this;
  }

  /** Sends a request with a token of the tenant, or without a token if it is null. With a body it is a POST. */
  async request(
    path: string,
    { body, tenant = 'acme' }: { body?: unknown; tenant?: string | null } = {},
  ): Promise<Answer> {
    const response = await fetch(new URL(path, this.url), {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(tenant === null ? {} : { authorization: `Bearer ${await tokenOf(tenant)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? (JSON.parse(text) as unknown) : text,
    };
  }

  /** Waits until it is ready and sheds no requests: on a busy machine its event loop may be delayed after startup. */
  async ready(): Promise<this> {
    const isAnswered = async (path: string): Promise<boolean> =>
      (await this.request(path, { tenant: null })).status === 200;
    await eventually(
      'ready',
      // Requests to /health/ready are never shed, those to /openapi.json are.
      async () => (await isAnswered('/health/ready')) && (await isAnswered('/openapi.json')),
      60_000,
    );
    return this;
  }
}

const tokens = new Map<string, Promise<string>>();

function tokenOf(tenantId: string): Promise<string> {
  let token = tokens.get(tenantId);
  if (token === undefined) {
    const scopes = ['analytics:read', 'analytics:write'] as const;
    token = signToken({ secret: SECRET, tenantId, subject: 'tests', scopes, lifetimeSeconds: 3600 });
    tokens.set(tenantId, token);
  }
  return token;
}

/** The processes and data directories of a test. `cleanUp` stops and removes all of them. */
export class Processes {
  private readonly commands: Command[] = [];
  private readonly directories: string[] = [];
  /** Of all exporters of the test. Another database's exporter would remove the files of exports in it. */
  private shared: string | undefined;

  directory(): string {
    const made = makeTestDirectory();
    this.directories.push(made);
    return made;
  }

  run(args: readonly string[], env: Record<string, string> = {}): Command {
    return this.own(new Command(this.spawn(args, env)));
  }

  /** Starts `serve` with a rollup every second and no cache. Resolves when it listens; it may not be ready yet. */
  serve(env: Record<string, string>): Promise<Exporter> {
    return this.launch(env).listening();
  }

  /** Starts the same without waiting. */
  launch(env: Record<string, string>): Exporter {
    const defaults = {
      ...{ AUTH_JWT_SECRET: SECRET, PORT: '0', ROLLUP_INTERVAL_SECONDS: '1' },
      ...{ CACHE_ENABLED: 'false', RATE_LIMIT_PER_MINUTE: '0' },
      DATA_DIR: env.DATA_DIR ?? (this.shared ??= this.directory()),
    };
    return this.own(new Exporter(this.spawn(['serve'], { ...defaults, ...env })));
  }

  async cleanUp(): Promise<void> {
    for (const command of this.commands.splice(0)) {
      command.signal('SIGCONT');
      await command.kill();
    }
    this.shared = undefined;
    for (const directory of this.directories.splice(0)) {
      await endServer(directory);
      rmSync(directory, { recursive: true, force: true });
    }
  }

  private spawn(args: readonly string[], env: Record<string, string>): ChildProcess {
    // No settings of this machine.
    const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
    return spawn(process.execPath, [...COMPILED_CLI, ...args], {
      env: { PATH, HOME, TMPDIR, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  private own<C extends Command>(command: C): C {
    this.commands.push(command);
    return command;
  }
}

/** The embedded PostgreSQL of a data directory. @throws if it is not running */
export function embeddedServer(dataDir: string): { pid: number; url: string } {
  const server = runningServer(dataDir, 'analytics');
  if (server === undefined) throw new Error('no PostgreSQL there');
  return server;
}
