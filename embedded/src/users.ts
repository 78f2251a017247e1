import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProcess, isSameProcess } from './processes.js';

interface UserRecord {
  pid: number;
  startedAt: string;
}

function readRecord(file: string): UserRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as UserRecord;
  } catch {
    return undefined; // removed meanwhile
  }
}

function isAlive(file: string): boolean {
  const record = readRecord(file);
  return record !== undefined && isSameProcess(record.pid, record.startedAt);
}

/**
 * Who owns the running server: the processes that use it, one file each, and the last of them to leave
 * stops it. A file whose process has died (kill -9) counts for nothing, so an adopter inherits the server.
 *
 * Leaving and entering are safe against each other without a lock: one who leaves first writes `stopping`
 * and then looks for others, one who enters first writes its file and then looks for `stopping`. At least
 * one of the two sees the other.
 */
export class ServerUsers {
  private readonly directory: string;
  private readonly own: string;
  private readonly stopping: string;
  private readonly record: string;

  constructor(dataDir: string) {
    this.directory = path.join(dataDir, 'postgres.users');
    this.own = path.join(this.directory, `${process.pid}-${randomUUID()}`);
    this.stopping = path.join(dataDir, 'postgres.stopping');
    const startedAt = findProcess(process.pid)?.startedAt ?? '';
    this.record = JSON.stringify({ pid: process.pid, startedAt } satisfies UserRecord);
  }

  enter(): void {
    mkdirSync(this.directory, { recursive: true });
    this.write(this.own);
  }

  /** Whether a living process is about to stop the server. */
  isStopping(): boolean {
    return existsSync(this.stopping) && isAlive(this.stopping);
  }

  /**
   * Leaves. True: nobody else is left and this process has to stop the server, then call `stopped()`.
   */
  leave(): boolean {
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

  /** Whole or not at all: a reader takes a file cut short for that of a dead process. */
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
