/**
 * Runs reports: those whose schedule is due, and those that somebody has asked for. One replica claims a run. A run and
 * the message about it are stored in one transaction, so that it is sent once.
 */
import type { Pool } from 'pg';
import type { BudgetView } from '../costs/budget.js';
import type { DatabaseLog } from '../db/log.js';
import { isUnavailable, withTransaction } from '../db/pool.js';
import { AppError, messageOf } from '../errors.js';
import { sendLater } from '../outbox/messages.js';
import { KickedWork } from '../queues/kicked-work.js';
import { MINUTE } from '../time.js';
import { buildReport } from './build.js';
import type { ReportContent } from './content.js';
import { DAYS, lastWholeDays } from './period.js';
import type { Renderer } from './renderer.js';
import { readOne, settingsOf } from './reports.js';
import {
  addRun,
  checkWaiting,
  claimRun,
  type ClaimedRun,
  failRun,
  finishRun,
  renewRun,
  type RunView,
  tenantsWithRuns,
} from './runs.js';
import { latestSlot, nextSlot } from './schedule.js';
import type { ReportSettings } from './settings.js';

const RENEW_MS = MINUTE;
const MAX_ATTEMPTS = 3;
const RETRY_SECONDS = 60;

export interface RunnerDeps {
  pool: Pool;
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  /** First instant with minute aggregates. */
  minutesFrom: () => number;
  grafanaUrl: string | undefined;
  readBudgets: (tenantId: string) => Promise<BudgetView[]>;
  renderer: Renderer;
  /** Called after a message was stored. */
  onMessage: () => void;
}

export class ReportRunner {
  private readonly stopping = new AbortController();
  private readonly work: KickedWork;

  constructor(private readonly deps: RunnerDeps) {
    this.work = new KickedWork({
      run: () => this.runAll(),
      onError: (error) =>
        deps.log.warn({ error: messageOf(error) }, 'runs of reports could not be read or written'),
      signal: this.stopping.signal,
    });
  }

  /** Asks for a run of the last whole days. @throws AppError NOT_FOUND, CONFLICT */
  async ask(tenantId: string, reportId: string): Promise<RunView> {
    const { pool, now } = this.deps;
    const run = await withTransaction(pool, async (client) => {
      const report = await readOne(client, tenantId, reportId, 'FOR KEY SHARE');
      await checkWaiting(client, tenantId);
      return (await addRun(client, tenantId, newRun(report, now(), null), now()))!;
    });
    this.kick();
    return run;
  }

  /** Runs what is due, in the background. */
  kick(): void {
    this.work.kick();
  }

  /** Adds the runs that schedules have due, and runs everything that is due. */
  async runDue(): Promise<void> {
    await this.addDue();
    this.kick();
    await this.work.current;
  }

  /** Starts no further run, and waits for the current one. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.work.current;
  }

  /** A missed time is made up for once, by its latest. */
  private async addDue(): Promise<void> {
    const { pool, now } = this.deps;
    const at = now();
    const { rows } = await pool.query<{ id: string }>(
      'SELECT DISTINCT tenant_id AS id FROM reports WHERE next_run_at <= $1 ORDER BY 1',
      [new Date(at)],
    );
    for (const { id: tenantId } of rows) {
      if (this.stopping.signal.aborted) return;
      await withTransaction(pool, async (client) => {
        const due = await client.query<{ id: string }>(
          `SELECT id FROM reports WHERE tenant_id = $1 AND next_run_at <= $2 ORDER BY id FOR UPDATE SKIP LOCKED`,
          [tenantId, new Date(at)],
        );
        for (const { id } of due.rows) {
          const report = await readOne(client, tenantId, id);
          const { schedule, time_zone } = report;
          const slot = latestSlot(schedule!, time_zone, at) ?? report.nextRunAt!.getTime();
          await addRun(client, tenantId, newRun(report, slot, slot), at);
          await client.query('UPDATE reports SET next_run_at = $3 WHERE tenant_id = $1 AND id = $2', [
            tenantId,
            id,
            new Date(nextSlot(schedule!, time_zone, at)),
          ]);
        }
      });
    }
  }

  /** Tenants take turns, one run each. */
  private async runAll(): Promise<void> {
    for (let hasRun = true; hasRun;) {
      hasRun = false;
      for (const tenantId of await tenantsWithRuns(this.deps.pool)) {
        if (this.stopping.signal.aborted) return;
        const run = await claimRun(this.deps.pool, tenantId, this.deps.now());
        if (run === undefined) continue;
        hasRun = true;
        await this.runOne(run);
      }
    }
  }

  private async runOne(run: ClaimedRun): Promise<void> {
    const { pool, now, log } = this.deps;
    if (run.attempts > MAX_ATTEMPTS) {
      // Whatever has ended the process each time, it would do so again.
      await failRun(pool, run, `it was begun ${MAX_ATTEMPTS} times and never finished`, undefined, now());
      return;
    }
    const renewing = setInterval(() => void renewRun(pool, run).catch(() => undefined), RENEW_MS);
    try {
      const report = await readOne(pool, run.tenantId, run.reportId);
      const settings = { ...settingsOf(report), time_zone: run.timeZone };
      const content = await this.contentOf(run, settings);
      const { channels, recipients } = settings;
      const isSent = channels.length + recipients.length > 0;
      const message = isSent ? await this.deps.renderer.message(content) : undefined;
      await withTransaction(pool, async (client) => {
        if (!(await finishRun(client, run, content, now())) || message === undefined) return;
        const { tenantId, id } = run;
        await sendLater(client, { tenantId, id, kind: 'report', channels, recipients, content: message });
      });
      if (isSent) this.deps.onMessage();
    } catch (error) {
      const isFinal = error instanceof AppError || run.attempts >= MAX_ATTEMPTS;
      log.warn(
        { tenant: run.tenantId, report: run.reportId, run: run.id, error: messageOf(error) },
        'a report failed',
      );
      // Without the database, the claim ends by itself and the run begins again.
      if (!isUnavailable(error))
        await failRun(pool, run, shownError(error), isFinal ? undefined : RETRY_SECONDS, now());
    } finally {
      clearInterval(renewing);
    }
  }

  private contentOf({ tenantId, range }: ClaimedRun, settings: ReportSettings): Promise<ReportContent> {
    const { pool, now, minutesFrom, grafanaUrl, readBudgets } = this.deps;
    return buildReport({
      ...{ pool, tenantId, settings, range, grafanaUrl, now: now(), minutesFrom: minutesFrom() },
      readBudgets: () => readBudgets(tenantId),
    });
  }
}

/** Anything but a refusal is a fault of the service, whose details are in the log. */
const shownError = (error: unknown): string =>
  error instanceof AppError
    ? error.message
    : 'the report could not be made; the log of the service has the reason';

function newRun(
  { id, filters, time_zone }: ReportSettings & { id: string },
  at: number,
  slot: number | null,
): Parameters<typeof addRun>[2] {
  const range = lastWholeDays(at, DAYS[filters.period], time_zone);
  return { reportId: id, slot, range, timeZone: time_zone };
}
