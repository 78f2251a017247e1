/** Counts the processes that use the server. Killed processes do not distort the count. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProcess, isSameProcess } from './processes.js';

interface ProcessRecord {
  pid: number;
  startedAt: string;
}

function readRecord(file: string): ProcessRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord;
  } catch {
    return undefined; // it has been removed in the meantime
  }
}

function isAlive(file: string): boolean {
  const record = readRecord(file);
  return record !== undefined && isSameProcess(record.pid, record.startedAt);
}

/**
 * Each process that uses the server has a file, and the last one to release the server stops it. The file of a killed
 * process does not count, so a process that adopted the server stops it.
 *
 * `acquire` and `release` need no lock. A process that releases first writes `stopping` and then looks for others. A
 * process that acquires first writes its file and then looks for `stopping`. At least one of them sees the other.
 */
export class ServerReferences {
  private readonly directory: string;
  private readonly own: string;
  private readonly stopping: string;
  private readonly record: string;

  constructor(dataDir: string) {
    this.directory = path.join(dataDir, 'postgres.users');
    this.own = path.join(this.directory, `${process.pid}-${randomUUID()}`);
    this.stopping = path.join(dataDir, 'postgres.stopping');
    const startedAt = findProcess(process.pid)?.startedAt ?? '';
    this.record = JSON.stringify({ pid: process.pid, startedAt } satisfies ProcessRecord);
  }

  acquire(): void {
    mkdirSync(this.directory, { recursive: true });
    this.write(this.own);
  }

  /** Whether a living process is about to stop the server. */
  isStopping(): boolean {
    return existsSync(this.stopping) && isAlive(this.stopping);
  }

  /** @returns true if no other process uses the server; the caller must then stop it and call `stopped` */
  release(): boolean {
    rmSync(this.own, { force: true });
    if (this.hasOthers()) return false;
    this.write(this.stopping);
    if (!this.hasOthers()) return true;
    this.stopped();
    return false;
  }

  stopped(): void {
    rmSync(this.stopping, { force: true });
  }

  /** Atomic, because a partly written file would look like that of a dead process. */
  private write(file: string): void {
    const whole = path.join(path.dirname(this.directory), `postgres.user-${path.basename(this.own)}`);
    writeFileSync(whole, this.record, { mode: 0o600 });
    renameSync(whole, file);
  }

  private hasOthers(): boolean {
    if (!existsSync(this.directory)) return false;
    return readdirSync(this.directory).some((name) => {
      const file = path.join(this.directory, name);
      if (file === this.own) return false;
      if (isAlive(file)) return true;
      rmSync(file, { force: true });
      return false;
    });
  }
}
