/** Starts a postmaster and reports why it ended. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import type { PostgresBinaries } from './binaries.js';
import { logFile } from './data-dir.js';
import { boundLog } from './log-file.js';
import { clusterName } from './postmaster.js';
import { commandAs, execOptions, type ServerUser } from './server-user.js';

export interface LaunchOptions {
  dataDir: string;
  cluster: string;
  binaries: PostgresBinaries;
  user: ServerUser | undefined;
  port: number;
  fsync: boolean;
  settings: Record<string, string>;
}

export interface Launched {
  pid: number | undefined;
  /** The reason from the server's own log, once the process has ended. */
  failure(): string | undefined;
}

function serverSettings(options: LaunchOptions): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    cluster_name: clusterName(options.cluster),
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Commits stay synchronous, so a killed server loses nothing. Only a crash of the machine does.
    ...(options.fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  };
}

function openLog(dataDir: string): { file: string; handle: number; start: number } {
  const file = logFile(dataDir);
  boundLog(dataDir);
  const handle = openSync(file, 'a', 0o600);
  return { file, handle, start: statSync(file).size };
}

function lastError(file: string, start: number): string | undefined {
  const lines = readFileSync(file).subarray(start).toString('utf8').trim().split('\n');
  const last = lines.findLast((line) => /FATAL|PANIC|ERROR|Permission denied/.test(line)) ?? lines.at(-1);
  return last?.replace(/^.*?(FATAL|PANIC|ERROR): +/, '');
}

/**
 * Starts the server without waiting for it. It runs in its own session, so that Ctrl-C reaches the processes that use it,
 * but not the server, which they stop last.
 */
export function launch(options: LaunchOptions): Launched {
  const { binaries, cluster, user } = options;
  const log = openLog(options.dataDir);
  const settings = Object.entries(serverSettings(options)).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(...commandAs(user, binaries.postgres, ['-D', cluster, ...settings]), {
    ...execOptions(user),
    detached: true,
    stdio: ['ignore', log.handle, log.handle],
  });
  closeSync(log.handle);
  child.unref();

  let failure: (() => string) | undefined;
  child.once('error', (error) => (failure = () => error.message));
  child.once('exit', (code, signal) => {
    failure = () => lastError(log.file, log.start) || `it ended with ${code ?? signal}`;
  });
  return { pid: child.pid, failure: () => failure?.() };
}
