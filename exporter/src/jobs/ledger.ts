/** The ledger of scheduled runs: what makes one replica run each slot, and what tells which slots were missed. */
import type { Pool } from 'pg';
import { parseCron } from '../cron.js';
import { DAY } from '../time.js';

/** A run that has not ended after this is taken for dead, and its slot is free again. */
const CLAIM_EXPIRES_SECONDS = 1_800;
/** A run under way renews its claim this often. */
const RENEW_MS = 60_000;
/** Slots further back are not caught up. */
const MAX_CATCH_UP = 400;

/** `done`: now, here; `done before`: here or elsewhere; `elsewhere`: another replica is at it, has just failed at it, or has died at it. */
export type SlotOutcome = 'done' | 'done before' | 'elsewhere';

export interface JobRun {
  job: string;
  slot: Date;
  startedAt: Date;
  finishedAt: Date | null;
  rows: number | null;
  error: string | null;
}

/** Slots of a cron expression (UTC) after `last` and up to `now`, oldest first; at least the latest one when `last` is unknown. */
export function slotsBetween(cron: string, last: number | undefined, now: number): number[] {
  const slots: number[] = [];
  const expression = parseCron(cron, now + 1);
  while (slots.length < (last === undefined ? 1 : MAX_CATCH_UP)) {
    const slot = expression.prev().getTime();
    if (slot <= (last ?? -Infinity)) break;
    slots.unshift(slot);
  }
  return slots;
}

export class Ledger {
  constructor(private readonly pool: Pool) {}

  /** The newest slot of the job that ended well, in milliseconds. */
  async lastSuccess(job: string): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ slot: Date | null }>(
      'SELECT max(slot) AS slot FROM job_runs WHERE job = $1 AND finished_at IS NOT NULL AND error IS NULL',
      [job],
    );
    return rows[0]?.slot?.getTime();
  }

  /** Slots older than the newest success that failed or whose run never ended, oldest first, in milliseconds. */
  async leftBehind(job: string): Promise<number[]> {
    const { rows } = await this.pool.query<{ slot: Date }>(
      `SELECT slot FROM job_runs r
       WHERE job = $1 AND (finished_at IS NULL OR error IS NOT NULL)
         AND slot < (SELECT max(slot) FROM job_runs s WHERE s.job = $1 AND s.finished_at IS NOT NULL AND s.error IS NULL)
       ORDER BY slot DESC LIMIT ${MAX_CATCH_UP}`,
      [job],
    );
    return rows.map(({ slot }) => slot.getTime()).reverse();
  }

  /** When the job last ended well and how long that run took. */
  async lastRun(job: string): Promise<{ finishedAt: number; durationMs: number } | undefined> {
    const { rows } = await this.pool.query<{ started_at: Date; finished_at: Date }>(
      `SELECT started_at, finished_at FROM job_runs
       WHERE job = $1 AND finished_at IS NOT NULL AND error IS NULL ORDER BY finished_at DESC LIMIT 1`,
      [job],
    );
    const run = rows[0];
    return run === undefined
      ? undefined
      : {
          finishedAt: run.finished_at.getTime(),
          durationMs: run.finished_at.getTime() - run.started_at.getTime(),
        };
  }

  /**
   * Runs the slot unless another replica has run it or is at it. A slot that failed, or whose replica died, may be run again.
   * @throws what `work` threw, after recording it
   */
  async runSlot(job: string, slot: number, work: () => Promise<number>): Promise<SlotOutcome> {
    const key = [job, new Date(slot)];
    const claim = await this.pool.query(
      `INSERT INTO job_runs AS r (job, slot) VALUES ($1, $2)
       ON CONFLICT (job, slot) DO UPDATE SET started_at = now(), finished_at = NULL, rows = NULL, error = NULL
       WHERE r.error IS NOT NULL OR (r.finished_at IS NULL AND r.started_at < now() - make_interval(secs => $3))
       RETURNING started_at`,
      [...key, CLAIM_EXPIRES_SECONDS],
    );
    if (claim.rowCount === 0) {
      // It may have failed since the claim was refused: such a slot is not done, and is asked for again.
      const { rows } = await this.pool.query<{ done: boolean }>(
        'SELECT finished_at IS NOT NULL AND error IS NULL AS done FROM job_runs WHERE job = $1 AND slot = $2',
        key,
      );
      return rows[0]?.done === false ? 'elsewhere' : 'done before';
    }
    const began = performance.now();
    const renew = setInterval(() => {
      void this.pool
        .query(
          'UPDATE job_runs SET started_at = now() WHERE job = $1 AND slot = $2 AND finished_at IS NULL',
          key,
        )
        // The claim then runs out, and the slot is run again: recomputing twice is harmless.
        .catch(() => undefined);
    }, RENEW_MS);
    const finish = (rows: number | null, error: string | null): Promise<unknown> =>
      this.pool.query(
        `UPDATE job_runs SET finished_at = now(), started_at = now() - make_interval(secs => $5), rows = $3, error = $4
         WHERE job = $1 AND slot = $2`,
        [...key, rows, error, (performance.now() - began) / 1000],
      );
    try {
      await finish(await work(), null);
    } catch (error) {
      await finish(null, (error instanceof Error ? error.message : String(error)).slice(0, 1_000)).catch(
        () => undefined,
      );
      throw error;
    } finally {
      clearInterval(renew);
    }
    return 'done';
  }

  /** Records a failure of work that has no slots of its own. */
  async recordFailure(job: string, at: number, message: string): Promise<void> {
    await this.pool.query(
      `INSERT INTO job_runs (job, slot, started_at, finished_at, error) VALUES ($1, $2, $2, now(), $3) ON CONFLICT DO NOTHING`,
      [job, new Date(at), message.slice(0, 1_000)],
    );
  }

  /** Runs that began within `[from, to)`, newest first; they belong to no tenant. */
  async list(from: number, to: number, limit: number): Promise<JobRun[]> {
    const { rows } = await this.pool.query<JobRun>(
      `SELECT job, slot, started_at AS "startedAt", finished_at AS "finishedAt", rows, error
       FROM job_runs WHERE started_at >= $1 AND started_at < $2 ORDER BY started_at DESC, job LIMIT $3`,
      [new Date(from), new Date(to), limit],
    );
    return rows;
  }

  /**
   * Forgets runs older than this many days, but keeps each job's last success and what failed since; of a job that never
   * had one, as the rollup's failures are, it keeps nothing.
   */
  async prune(now: number, days: number): Promise<number> {
    const result = await this.pool.query(
      `DELETE FROM job_runs r WHERE started_at < $1 AND slot < coalesce(
         (SELECT max(slot) FROM job_runs s WHERE s.job = r.job AND s.finished_at IS NOT NULL AND s.error IS NULL), 'infinity')`,
      [new Date(now - days * DAY)],
    );
    return result.rowCount ?? 0;
  }
}
