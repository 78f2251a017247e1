/** External programs that the demo starts: finds them, runs each in its own process group, and stops them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findProcess, isSameProcess } from 'agentidp-analytics-embedded';

/** Finds an executable on the PATH. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, name))
    .find(isExecutable);
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The preferred port of 127.0.0.1 or, if it is in use, any free one. */
export async function freePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0))!;
}

export const isFree = async (port: number): Promise<boolean> => (await tryPort(port)) !== undefined;

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

export interface ProgramOptions {
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Its output is appended to this file. */
  logFile: string;
  /** Identifies the process for `stopLeftover`. */
  pidFile?: string;
}

const STOP_MS = 15_000;
const POLL_MS = 250;

export class Program {
  private readonly ended: Promise<string>;
  private running = true;
  /** The exit code, the signal, or why it could not be started. */
  private outcome = '';

  private constructor(
    readonly options: ProgramOptions,
    private readonly child: ChildProcess,
  ) {
    this.ended = new Promise((resolve) => {
      const settle = (outcome: string): void => {
        this.running = false;
        this.outcome = outcome;
        process.removeListener('exit', this.killNow);
        resolve(outcome);
      };
      child.once('error', (error) => settle(error.message));
      child.once('exit', (code, signal) => settle(signal === null ? `exit code ${code}` : signal));
    });
    process.once('exit', this.killNow);
  }

  /** Starts it in its own process group, so that Ctrl-C in the terminal does not reach it directly. */
  static start(options: ProgramOptions): Program {
    const { command, args, cwd, env, logFile, pidFile } = options;
    const log = openSync(logFile, 'a', 0o600);
    try {
      const program = new Program(
        options,
        spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log] }),
      );
      const startedAt = program.pid === undefined ? undefined : findProcess(program.pid)?.startedAt;
      if (pidFile !== undefined && startedAt !== undefined)
        writeFileSync(pidFile, JSON.stringify({ pid: program.pid, startedAt }));
      return program;
    } finally {
      closeSync(log);
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Waits until the URL returns 200. @throws if the program exits before that, or on timeout */
  async waitForUrl(url: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      signal.throwIfAborted();
      if (!this.running)
        throw new Error(`${this.options.name} exited (${this.outcome}); see ${this.options.logFile}`);
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok === true) return;
      if (Date.now() > deadline) {
        throw new Error(
          `${this.options.name} did not respond within ${timeoutMs / 1000} s; see ${this.options.logFile}`,
        );
      }
      await delay(POLL_MS);
    }
  }

  /** Resolves with the outcome when the program has exited. */
  wait(): Promise<string> {
    return this.ended;
  }

  /** Stops the whole process group, by force if it takes too long. */
  async stop(): Promise<void> {
    if (this.running) this.signal('SIGTERM');
    const force = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    await this.ended;
    clearTimeout(force);
    // Kills child processes that it has not stopped itself.
    this.signal('SIGKILL');
    if (this.options.pidFile !== undefined) rmSync(this.options.pidFile, { force: true });
  }

  private readonly killNow = (): void => this.signal('SIGKILL');

  private signal(name: NodeJS.Signals): void {
    if (this.pid !== undefined) signalGroup(this.pid, name);
  }
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // The process has already exited.
  }
}

/** Stops a program that is still running because its demo was killed. */
export async function stopLeftover(pidFile: string): Promise<void> {
  const left = readPidFile(pidFile);
  if (left === undefined || !isSameProcess(left.pid, left.startedAt)) return;
  signalGroup(left.pid, 'SIGTERM');
  const deadline = Date.now() + STOP_MS;
  while (isSameProcess(left.pid, left.startedAt)) {
    if (Date.now() > deadline) signalGroup(left.pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}

function readPidFile(path: string): { pid: number; startedAt: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { pid: number; startedAt: string };
  } catch {
    return undefined;
  }
}
