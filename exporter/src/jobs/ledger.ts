/**
 * The ledger of scheduled runs. It makes sure that one replica runs each slot, and knows which slots were missed.
 */
import type { Pool } from 'pg';
import { messageOf } from '../errors.js';
import { DAY, MINUTE } from '../time.js';

/** A claim that has not been renewed for this long belongs to a dead replica, and the slot can be claimed again. */
const CLAIM_EXPIRES_SECONDS = 1_800;
const RENEW_MS = MINUTE;
/** Maximum number of slots of a job that are caught up. Older ones are skipped. */
export const MAX_CATCH_UP = 400;
const MAX_ERROR_LENGTH = 1_000;

/**
 * `done`: this call ran the slot. `done before`: it was run before, by any replica. `elsewhere`: another replica is
 * running it, has just failed, or died while running it.
 */
export type SlotOutcome = 'done' | 'done before' | 'elsewhere';

export interface JobRun {
  job: string;
  slot: Date;
  startedAt: Date;
  finishedAt: Date | null;
  rows: number | null;
  error: string | null;
}

export class Ledger {
  constructor(private readonly pool: Pool) {}

  /** The latest slot that succeeded, in milliseconds. */
  async lastSuccess(job: string): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ slot: Date | null }>(
      'SELECT max(slot) AS slot FROM job_runs WHERE job = $1 AND finished_at IS NOT NULL AND error IS NULL',
      [job],
    );
    return rows[0]?.slot?.getTime();
  }

  /** Slots before the latest success that failed or never finished, in milliseconds, oldest first. */
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

  /** When the job last succeeded, and how long that run took. */
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
   * Runs the slot, unless it has been run or another replica is running it. A slot that failed, or whose replica died, can
   * be run again.
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
      // The other run may have failed since this claim was refused. Then the slot is not done.
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
        // The claim may then expire and the slot may run twice, which is harmless: every job is idempotent.
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
      await finish(null, messageOf(error).slice(0, MAX_ERROR_LENGTH)).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(renew);
    }
    return 'done';
  }

  /** Records a failure of a job without slots. */
  async recordFailure(job: string, at: number, message: string): Promise<void> {
    await this.pool.query(
      `INSERT INTO job_runs (job, slot, started_at, finished_at, error) VALUES ($1, $2, $2, now(), $3) ON CONFLICT DO NOTHING`,
      [job, new Date(at), message.slice(0, MAX_ERROR_LENGTH)],
    );
  }

  /** Runs that started within `[from, to)`, newest first. Jobs do not belong to a tenant. */
  async list(from: number, to: number, limit: number): Promise<JobRun[]> {
    const { rows } = await this.pool.query<JobRun>(
      `SELECT job, slot, started_at AS "startedAt", finished_at AS "finishedAt", rows, error
       FROM job_runs WHERE started_at >= $1 AND started_at < $2 ORDER BY started_at DESC, job LIMIT $3`,
      [new Date(from), new Date(to), limit],
    );
    return rows;
  }

  /**
   * Deletes runs older than this many days. The last success of a job and its failures since then are kept. Nothing is kept
   * for a job that never succeeded, such as one without slots.
   * @returns the number of runs deleted
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
