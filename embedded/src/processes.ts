import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './errors.js';

/**
 * The properties of a process that every user can read. In containers, root often lacks CAP_SYS_PTRACE and cannot read,
 * for example, `/proc/<pid>/cwd` of another user's process.
 */
export interface ProcessInfo {
  pid: number;
  parentPid: number;
  /** Distinguishes two processes that had the same pid at different times. */
  startedAt: string;
  command: string;
}

function readLinuxProcess(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may contain anything, so the fields are counted from the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parentPid] = fields;
    if (state === 'Z' || state === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parentPid: Number(parentPid), startedAt: fields[19] ?? '', command };
  } catch {
    return undefined; // it has ended in the meantime
  }
}

const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

function parsePs(line: string): ProcessInfo | undefined {
  const [, pid, parentPid, state, startedAt, command] = PS_LINE.exec(line) ?? [];
  if (!pid || !startedAt || state?.startsWith('Z')) return undefined;
  return { pid: Number(pid), parentPid: Number(parentPid), startedAt, command: command ?? '' };
}

function runPs(selection: string[]): ProcessInfo[] {
  const format = ['-ww', '-o', 'pid=,ppid=,state=,lstart=,command='];
  try {
    const env = { PATH: process.env.PATH ?? '/bin:/usr/bin', LC_ALL: 'C' };
    const output = execFileSync('ps', [...selection, ...format], { encoding: 'utf8', env, stdio: 'pipe' });
    return output.split('\n').flatMap((line) => parsePs(line) ?? []);
  } catch {
    return []; // ps exits with 1 if it finds nothing
  }
}

/** The living process with this pid. A zombie counts as dead: it has no resources and only waits for its parent. */
export function findProcess(pid: number): ProcessInfo | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? readLinuxProcess(pid) : runPs(['-p', String(pid)])[0];
}

/** Every living process whose command line satisfies `matches`. */
export function findProcesses(matches: (command: string) => boolean): ProcessInfo[] {
  const all =
    process.platform === 'linux'
      ? readdirSync('/proc').flatMap((name) =>
          /^\d+$/.test(name) ? (readLinuxProcess(Number(name)) ?? []) : [],
        )
      : runPs(['-ax']);
  return all.filter((found) => matches(found.command));
}

/** Whether the process with this pid and start time is still alive. */
export function isSameProcess(pid: number, startedAt: string): boolean {
  return findProcess(pid)?.startedAt === startedAt;
}

/** Whether the pid is in use, by a living process or by a zombie. */
export function isPidTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Sends the signal. It is not an error if the process has already ended. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** Polls until `condition` is true. @returns false on timeout */
export async function waitUntil(condition: () => boolean, timeoutMs: number, stepMs = 25): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() >= deadline) return false;
    await delay(stepMs);
  }
  return true;
}
