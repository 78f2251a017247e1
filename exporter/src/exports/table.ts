/** The jobs of exports in the database: one replica claims a job, renews its claim while it runs, and records the result. */
import type { Pool } from 'pg';
import { lockKey, transactionLock, tryTransactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { AppError, RETRY_AFTER } from '../errors.js';
import type { FormatName } from './formats.js';
import type { Filters } from '../query/datasets/dataset.js';
import type { DatasetName } from '../query/datasets/index.js';

/** What one tenant may have. */
export const BOUNDS = {
  /** Exports that are made at once, by all replicas. */
  running: 1,
  /** Exports that wait or are made. */
  pending: 20,
  /** Exports that are kept, those that failed included. */
  kept: 200,
  /** Bytes of the files that are kept. */
  bytes: 20 * 1024 ** 3,
} as const;

/** As it is stored. Times are milliseconds. */
export interface ExportRequest {
  datasets: readonly DatasetName[];
  /** Names as they were asked for. */
  metrics: readonly string[];
  range: { from: number; to: number };
  format: FormatName;
  filters: Filters;
}

export type ExportStatus = 'queued' | 'running' | 'done' | 'failed';

export interface ExportJob {
  tenantId: string;
  id: string;
  request: ExportRequest;
  status: ExportStatus;
  progress: number;
  attempts: number;
  linkKey: Buffer;
  file: string | null;
  rows: number | null;
  bytes: number | null;
  error: string | null;
  createdAt: Date;
  /** When the job and its file are removed; null while it has not ended. */
  expiresAt: Date | null;
}

export interface Written {
  file: string;
  rows: number;
  bytes: number;
}

const COLUMNS = `tenant_id AS "tenantId", id, request, status, progress, attempts, link_key AS "linkKey", file, rows, bytes, error,
  created_at AS "createdAt", expires_at AS "expiresAt"`;
const MAX_ERROR_LENGTH = 500;

export class ExportTable {
  constructor(private readonly pool: Pool) {}

  /** @throws AppError RATE_LIMITED if the tenant has too many */
  async insert(job: Pick<ExportJob, 'tenantId' | 'id' | 'request' | 'linkKey' | 'createdAt'>): Promise<void> {
    await withTransaction(this.pool, async (client) => {
      // Otherwise two requests at once would both see room for one.
      await transactionLock(client, lockKey('exports', job.tenantId));
      const { rows } = await client.query<{ pending: number; kept: number; bytes: number }>(
        `SELECT count(*) FILTER (WHERE next_attempt_at IS NOT NULL) AS pending, count(*) AS kept,
                coalesce(sum(bytes), 0)::bigint AS bytes FROM export_jobs WHERE tenant_id = $1`,
        [job.tenantId],
      );
      refuseBeyond(rows[0]!);
      await client.query(
        `INSERT INTO export_jobs (tenant_id, id, request, status, next_attempt_at, link_key, created_at)
         VALUES ($1, $2, $3, 'queued', now(), $4, $5)`,
        [job.tenantId, job.id, JSON.stringify(job.request), job.linkKey, job.createdAt],
      );
    });
  }

  async find(tenantId: string, id: string): Promise<ExportJob | undefined> {
    const { rows } = await this.pool.query<ExportJob>(
      `SELECT ${COLUMNS} FROM export_jobs WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id],
    );
    return rows[0];
  }

  /** Tenants with exports that are due, the one that has waited the longest first. */
  async dueTenants(): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `SELECT tenant_id AS id FROM export_jobs WHERE next_attempt_at <= now() GROUP BY tenant_id ORDER BY min(next_attempt_at)`,
    );
    return rows.map(({ id }) => id);
  }

  /** Claims the tenant's export that has been due the longest, unless as many as may are being made. */
  async claim(tenantId: string, claimMs: number): Promise<ExportJob | undefined> {
    return withTransaction(this.pool, async (client) => {
      if (!(await tryTransactionLock(client, lockKey('exports', tenantId)))) return undefined;
      const { rows } = await client.query<ExportJob>(
        `UPDATE export_jobs SET status = 'running', progress = 0, attempts = attempts + 1,
           next_attempt_at = now() + make_interval(secs => $2)
         WHERE tenant_id = $1 AND id = (
           SELECT id FROM export_jobs WHERE tenant_id = $1 AND next_attempt_at <= now()
             AND (SELECT count(*) FROM export_jobs r
                  WHERE r.tenant_id = $1 AND r.status = 'running' AND r.next_attempt_at > now()) < ${BOUNDS.running}
           ORDER BY next_attempt_at, id LIMIT 1)
         RETURNING ${COLUMNS}`,
        [tenantId, claimMs / 1000],
      );
      return rows[0];
    });
  }

  /** Extends a claim. Returns false if the job has been claimed again or removed. */
  async renew({ tenantId, id, attempts }: ExportJob, claimMs: number, progress: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE export_jobs SET next_attempt_at = now() + make_interval(secs => $4), progress = $5
       WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND status = 'running'`,
      [tenantId, id, attempts, claimMs / 1000, progress],
    );
    return rowCount === 1;
  }

  /** Does nothing if the job has been claimed again: its file is then written anew. */
  async done(job: ExportJob, { file, rows, bytes }: Written, expiresAt: Date): Promise<void> {
    await this.pool.query(
      `UPDATE export_jobs SET status = 'done', progress = 100, next_attempt_at = NULL, file = $4, rows = $5, bytes = $6,
         error = NULL, expires_at = $7
       WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND status = 'running'`,
      [job.tenantId, job.id, job.attempts, file, rows, bytes, expiresAt],
    );
  }

  async failed(job: ExportJob, error: string, expiresAt: Date): Promise<void> {
    await this.pool.query(
      `UPDATE export_jobs SET status = 'failed', next_attempt_at = NULL, error = $4, expires_at = $5
       WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND status = 'running'`,
      [job.tenantId, job.id, job.attempts, error.slice(0, MAX_ERROR_LENGTH), expiresAt],
    );
  }

  /** Gives the job back. @param counts whether it was an attempt */
  async retry(job: ExportJob, error: string | null, afterSeconds: number, counts: boolean): Promise<void> {
    await this.pool.query(
      `UPDATE export_jobs SET status = 'queued', progress = 0, error = $4, attempts = attempts - $6,
         next_attempt_at = now() + make_interval(secs => $5)
       WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND status = 'running'`,
      [
        ...[job.tenantId, job.id, job.attempts, error?.slice(0, MAX_ERROR_LENGTH) ?? null],
        ...[afterSeconds, counts ? 0 : 1],
      ],
    );
  }

  /** Bytes of the tenant's files. */
  async bytesOf(tenantId: string): Promise<number> {
    const { rows } = await this.pool.query<{ bytes: number }>(
      'SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM export_jobs WHERE tenant_id = $1',
      [tenantId],
    );
    return rows[0]!.bytes;
  }

  /** Some exports whose time is up. */
  async ended(now: Date, limit: number): Promise<Pick<ExportJob, 'tenantId' | 'id' | 'file'>[]> {
    const { rows } = await this.pool.query<Pick<ExportJob, 'tenantId' | 'id' | 'file'>>(
      `SELECT tenant_id AS "tenantId", id, file FROM export_jobs WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2`,
      [now, limit],
    );
    return rows;
  }

  async remove({ tenantId, id }: Pick<ExportJob, 'tenantId' | 'id'>): Promise<void> {
    await this.pool.query('DELETE FROM export_jobs WHERE tenant_id = $1 AND id = $2', [tenantId, id]);
  }

  /** Of these ids, those of jobs that have not ended, or that have this file. */
  async owners(ids: readonly string[]): Promise<{ id: string; file: string | null; isPending: boolean }[]> {
    const { rows } = await this.pool.query<{ id: string; file: string | null; isPending: boolean }>(
      'SELECT id, file, next_attempt_at IS NOT NULL AS "isPending" FROM export_jobs WHERE id = ANY ($1::uuid[])',
      [ids],
    );
    return rows;
  }
}

function refuseBeyond({ pending, kept, bytes }: { pending: number; kept: number; bytes: number }): void {
  const refuse = (message: string): never => {
    throw new AppError('RATE_LIMITED', message, { retryAfter: RETRY_AFTER.failure });
  };
  if (pending >= BOUNDS.pending)
    refuse(`${pending} exports of this tenant are waiting, and no more may be; try again when one is done`);
  if (kept >= BOUNDS.kept)
    refuse(`this tenant has ${kept} exports, and no more are kept; try again when the link of one has ended`);
  if (bytes >= BOUNDS.bytes)
    refuse(
      `the exports of this tenant have ${gib(bytes)}, and ${gib(BOUNDS.bytes)} are kept; try again when a link has ended`,
    );
}

const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
