/** Makes exports in the background: claims those that are due, writes their files, and removes what has ended. */

import type { DatabaseLog } from '../db/log.js';
import { isUnavailable } from '../db/pool.js';
import type { ReadPool } from '../db/read-shares.js';
import { messageOf } from '../errors.js';
import { KickedWork } from '../queues/kicked-work.js';
import { HOUR, MINUTE } from '../time.js';
import { ExportContent } from './content.js';
import { type ExportStorage, PermanentError } from './storage.js';
import { BOUNDS, type ExportJob, type ExportTable } from './table.js';

/** A claim that is not renewed for this long belongs to a replica that was killed, and another one begins anew. */
const CLAIM_MS = MINUTE;
const RENEWALS_PER_CLAIM = 6;
/** Exports that one replica makes at once: each holds a page of rows and encodes it. */
const MAX_AT_ONCE = 2;
const MAX_ATTEMPTS = 5;
const RETRY_SECONDS = 5;
const SWEEP_BATCH = 100;

export interface RunnerDeps {
  /** What is exported is read of it. */
  pool: ReadPool;
  table: ExportTable;
  storage: ExportStorage;
  linkHours: number;
  sessionIdleMinutes: number;
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  /** Default: a minute. */
  claimMs?: number;
}

export class ExportRunner {
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly look: KickedWork;
  private readonly claimMs: number;

  constructor(private readonly deps: RunnerDeps) {
    this.claimMs = deps.claimMs ?? CLAIM_MS;
    this.look = new KickedWork({
      run: () => this.begin(),
      onError: (error) => deps.log.warn({ error: messageOf(error) }, 'the jobs of exports could not be read'),
      signal: this.stopping.signal,
    });
  }

  /** Looks for exports that are due, in the background. */
  kick(): void {
    this.look.kick();
  }

  /** Gives back what is being made, so that another replica begins it at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.look.current;
    await Promise.all(this.running);
    this.deps.storage.close();
  }

  /** Waits until nothing is being made here. */
  async settled(): Promise<void> {
    while (this.look.current !== undefined || this.running.size > 0) {
      await this.look.current;
      await Promise.all(this.running);
    }
  }

  /** Removes the exports whose time is up. */
  async removeEnded(): Promise<void> {
    const { table, storage, now } = this.deps;
    const ended = await table.ended(new Date(now()), SWEEP_BATCH);
    for (const job of ended) {
      // The file first: without the job, nobody would know of it.
      if (job.file !== null) await storage.remove(job.file);
      await table.remove(job);
    }
  }

  /** The same, and removes files that belong to no export. Lists all files. */
  async sweep(): Promise<void> {
    await this.removeEnded();
    const { table, storage } = this.deps;
    const names = await storage.list();
    const owners = new Map((await table.owners(names.map(idOf))).map((owner) => [owner.id, owner]));
    for (const name of names) {
      const owner = owners.get(idOf(name));
      if (owner === undefined || !(owner.isPending || owner.file === name)) await storage.remove(name);
    }
  }

  /** Tenants take turns, one export each. */
  private async begin(): Promise<void> {
    const { table } = this.deps;
    for (const tenantId of await table.dueTenants()) {
      if (this.running.size >= MAX_AT_ONCE || this.stopping.signal.aborted) return;
      const job = await table.claim(tenantId, this.claimMs);
      if (job === undefined) continue;
      const made = this.make(job).finally(() => {
        this.running.delete(made);
        this.kick();
      });
      this.running.add(made);
    }
  }

  private async make(job: ExportJob): Promise<void> {
    const { log, storage, table, linkHours, now } = this.deps;
    const lost = new AbortController();
    const signal = AbortSignal.any([this.stopping.signal, lost.signal]);
    const content = this.contentOf(job);
    const renewing = setInterval(() => {
      void table.renew(job, this.claimMs, content.progress).then(
        (isOurs) => isOurs || lost.abort(),
        // There is another one before the claim expires.
        () => undefined,
      );
    }, this.claimMs / RENEWALS_PER_CLAIM);
    const expiresAt = (): Date => new Date(now() + linkHours * HOUR);
    try {
      if (job.attempts > MAX_ATTEMPTS)
        throw new PermanentError(`it was begun ${MAX_ATTEMPTS} times, and did not come to an end`);
      const room = BOUNDS.bytes - (await table.bytesOf(job.tenantId));
      const bytes = await storage.write(job.id, within(room, content.chunks()), signal);
      await table.done(job, { file: job.id, rows: content.rows, bytes }, expiresAt());
      // An attempt that was killed has left its half file. Unless it is removed now, the sweep finds it.
      if (job.attempts > 1) await this.sweep().catch(() => undefined);
    } catch (error) {
      if (lost.signal.aborted) return;
      log.warn({ id: job.id, attempt: job.attempts, error: messageOf(error) }, 'an export failed');
      await this.after(job, error, expiresAt()).catch(() => undefined);
    } finally {
      clearInterval(renewing);
    }
  }

  private async after(job: ExportJob, error: unknown, expiresAt: Date): Promise<void> {
    const { table } = this.deps;
    if (this.stopping.signal.aborted) return table.retry(job, null, 0, false);
    if (error instanceof PermanentError) return table.failed(job, error.message, expiresAt);
    if (isUnavailable(error)) return table.retry(job, 'the database was away', RETRY_SECONDS, false);
    if (job.attempts < MAX_ATTEMPTS)
      return table.retry(job, messageOf(error), RETRY_SECONDS * 2 ** (job.attempts - 1), true);
    return table.failed(job, `${job.attempts} attempts failed; see the log of the service`, expiresAt);
  }

  private contentOf({ tenantId, request, createdAt }: ExportJob): ExportContent {
    const { pool, sessionIdleMinutes } = this.deps;
    // Whether a session has ended does not depend on when the export is made.
    const idleSince = createdAt.getTime() - sessionIdleMinutes * MINUTE;
    return new ExportContent({ pool, tenantId, request, createdAt, idleSince });
  }
}

/** Files are named after their job. */
const idOf = (file: string): string => file.slice(0, 36);

/** @throws PermanentError as soon as there are more bytes */
async function* within(room: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > room)
      throw new PermanentError(
        `the exports of this tenant would have more than ${BOUNDS.bytes / 1024 ** 3} GiB; export less, or wait until the link of another one has ended`,
      );
    yield chunk;
  }
}
