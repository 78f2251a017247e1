/** Runs of reports: asked for, claimed by one replica, kept with what was found. */
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import type { ReadPool } from '../db/read-shares.js';
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { decodeCursor, pageOf } from '../query/reports/cursor.js';
import type { Range } from '../query/segments.js';
import { formatTime } from '../time.js';
import { MAX_RUNS, MAX_RUNS_AT_ONCE, MAX_WAITING_RUNS } from './bounds.js';
import type { ReportContent } from './content.js';

export const RUN_STATUSES = ['queued', 'running', 'done', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

const CLAIM_SECONDS = 300;
const MAX_ERROR_LENGTH = 500;

/** On the wire. */
export interface RunView {
  id: string;
  report_id: string;
  status: RunStatus;
  /** The time of its schedule; null for a run that somebody has asked for. */
  scheduled_for: string | null;
  period: { from: string; to: string; time_zone: string };
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  error: string | null;
}

interface Row {
  id: string;
  reportId: string;
  status: RunStatus;
  slot: Date | null;
  fromAt: Date;
  toAt: Date;
  timeZone: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  error: string | null;
}

const COLUMNS = `id, report_id AS "reportId", status, slot, from_at AS "fromAt", to_at AS "toAt", time_zone AS "timeZone",
  created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt", error`;

const time = (at: Date | null): string | null => at && formatTime(at.getTime());

const viewOf = (row: Row): RunView => ({
  id: row.id,
  report_id: row.reportId,
  status: row.status,
  scheduled_for: time(row.slot),
  period: { from: time(row.fromAt)!, to: time(row.toAt)!, time_zone: row.timeZone },
  created_at: time(row.createdAt)!,
  started_at: time(row.startedAt),
  finished_at: time(row.finishedAt),
  error: row.error,
});

const notFound = (id: string): AppError =>
  new AppError('NOT_FOUND', `there is no run "${id}" of this report`);

export interface NewRun {
  reportId: string;
  slot: number | null;
  range: Range;
  timeZone: string;
}

/** The report must exist. Undefined if the slot has a run already. */
export async function addRun(
  client: PoolClient,
  tenantId: string,
  { reportId, slot, range, timeZone }: NewRun,
  now: number,
): Promise<RunView | undefined> {
  const { rows } = await client.query<Row>(
    `INSERT INTO report_runs (tenant_id, id, report_id, slot, from_at, to_at, time_zone, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, report_id, slot) DO NOTHING RETURNING ${COLUMNS}`,
    [
      ...[tenantId, uuidv7(), reportId, slot === null ? null : new Date(slot)],
      ...[new Date(range.from), new Date(range.to), timeZone, new Date(now)],
    ],
  );
  return rows[0] && viewOf(rows[0]);
}

/** @throws AppError CONFLICT if the tenant has too many that wait */
export async function checkWaiting(client: PoolClient, tenantId: string): Promise<void> {
  await transactionLock(client, lockKey('report runs', tenantId));
  const { rows } = await client.query<{ waiting: string }>(
    `SELECT count(*) AS waiting FROM report_runs WHERE tenant_id = $1 AND next_attempt_at IS NOT NULL`,
    [tenantId],
  );
  if (Number(rows[0]!.waiting) < MAX_WAITING_RUNS) return;
  throw new AppError(
    'CONFLICT',
    `${MAX_WAITING_RUNS} runs of reports wait already, the most that a tenant may have; try again when one is done`,
  );
}

export async function listRuns(
  pool: ReadPool,
  tenantId: string,
  reportId: string,
  { limit, cursor }: { limit: number; cursor?: string },
): Promise<{ runs: RunView[]; next_cursor: string | null }> {
  const before = cursor === undefined ? null : String(decodeCursor(cursor, ['string'])[0]);
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM report_runs WHERE tenant_id = $1 AND report_id = $2 AND ($3::text IS NULL OR id::text < $3)
     ORDER BY id DESC LIMIT $4`,
    [tenantId, reportId, before, limit + 1],
  );
  const page = pageOf(rows, limit, ({ id }) => [id]);
  return { runs: page.rows.map(viewOf), next_cursor: page.nextCursor ?? null };
}

/** @throws AppError NOT_FOUND */
export async function getRun(
  pool: ReadPool,
  tenantId: string,
  reportId: string,
  id: string,
): Promise<RunView & { report: ReportContent | null }> {
  const { rows } = await pool.query<Row & { content: ReportContent | null }>(
    `SELECT ${COLUMNS}, content FROM report_runs WHERE tenant_id = $1 AND report_id = $2 AND id = $3`,
    [tenantId, reportId, id],
  );
  if (rows[0] === undefined) throw notFound(id);
  return { ...viewOf(rows[0]), report: rows[0].content };
}

/** The latest run of each of these reports. */
export async function lastRuns(
  pool: ReadPool,
  tenantId: string,
  reportIds: readonly string[],
): Promise<Map<string, RunView>> {
  const { rows } = await pool.query<Row>(
    `SELECT DISTINCT ON (report_id) ${COLUMNS} FROM report_runs
     WHERE tenant_id = $1 AND report_id = ANY ($2::uuid[]) ORDER BY report_id, id DESC`,
    [tenantId, reportIds],
  );
  return new Map(rows.map((row) => [row.reportId, viewOf(row)]));
}

/** Tenants with runs that are due. */
export async function tenantsWithRuns(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT DISTINCT tenant_id AS id FROM report_runs WHERE next_attempt_at <= now() ORDER BY 1',
  );
  return rows.map(({ id }) => id);
}

export interface ClaimedRun {
  tenantId: string;
  id: string;
  reportId: string;
  range: Range;
  timeZone: string;
  attempts: number;
}

/** Claims the oldest run that is due, unless the tenant has as many at work as it may. */
export async function claimRun(pool: Pool, tenantId: string, now: number): Promise<ClaimedRun | undefined> {
  return withTransaction(pool, async (client) => {
    await transactionLock(client, lockKey('report runs', tenantId));
    const { rows } = await client.query<Row & { attempts: number }>(
      `UPDATE report_runs SET status = 'running', attempts = attempts + 1, started_at = coalesce(started_at, $2),
         next_attempt_at = now() + make_interval(secs => ${CLAIM_SECONDS})
       WHERE tenant_id = $1 AND id = (
         SELECT id FROM report_runs WHERE tenant_id = $1 AND next_attempt_at <= now()
           AND (SELECT count(*) FROM report_runs
                WHERE tenant_id = $1 AND status = 'running' AND next_attempt_at > now()) < ${MAX_RUNS_AT_ONCE}
         ORDER BY id LIMIT 1)
       RETURNING ${COLUMNS}, attempts`,
      [tenantId, new Date(now)],
    );
    const row = rows[0];
    return (
      row && {
        ...{ tenantId, id: row.id, reportId: row.reportId, timeZone: row.timeZone, attempts: row.attempts },
        range: { from: row.fromAt.getTime(), to: row.toAt.getTime() },
      }
    );
  });
}

/** Extends a claim. */
export async function renewRun(pool: Pool, { tenantId, id, attempts }: ClaimedRun): Promise<void> {
  await pool.query(
    `UPDATE report_runs SET next_attempt_at = now() + make_interval(secs => ${CLAIM_SECONDS})
     WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND status = 'running'`,
    [tenantId, id, attempts],
  );
}

/**
 * Keeps what was found, and drops the oldest runs of the report.
 * @returns false if another replica has claimed the run since
 */
export async function finishRun(
  client: PoolClient,
  { tenantId, id, reportId, attempts }: ClaimedRun,
  content: ReportContent,
  now: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE report_runs SET status = 'done', finished_at = $4, next_attempt_at = NULL, error = NULL, content = $5
     WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND status = 'running'`,
    [tenantId, id, attempts, new Date(now), JSON.stringify(content)],
  );
  await client.query(
    `DELETE FROM report_runs WHERE tenant_id = $1 AND report_id = $2 AND next_attempt_at IS NULL
       AND id <= (SELECT id FROM report_runs WHERE tenant_id = $1 AND report_id = $2
                  ORDER BY id DESC OFFSET ${MAX_RUNS} LIMIT 1)`,
    [tenantId, reportId],
  );
  return rowCount === 1;
}

/** @param retryAfter seconds; undefined: it is given up */
export async function failRun(
  pool: Pool,
  { tenantId, id, attempts }: ClaimedRun,
  error: string,
  retryAfter: number | undefined,
  now: number,
): Promise<void> {
  const isFinal = retryAfter === undefined;
  await pool.query(
    `UPDATE report_runs SET status = $4, error = $5, finished_at = $6,
       next_attempt_at = CASE WHEN $7 THEN NULL ELSE now() + make_interval(secs => $8) END
     WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND status = 'running'`,
    [
      ...[tenantId, id, attempts, isFinal ? 'failed' : 'queued', error.slice(0, MAX_ERROR_LENGTH)],
      ...[isFinal ? new Date(now) : null, isFinal, retryAfter ?? 0],
    ],
  );
}

/** Deletes runs made before `before`, milliseconds. @returns the number deleted */
export async function dropOldRuns(pool: Pool, before: number): Promise<number> {
  const { rowCount } = await pool.query(
    'DELETE FROM report_runs WHERE created_at < $1 AND next_attempt_at IS NULL',
    [new Date(before)],
  );
  return rowCount ?? 0;
}
