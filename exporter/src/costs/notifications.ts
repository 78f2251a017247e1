/**
 * Notifications of budgets: raised once when the spend reaches a mark, and again only after it has fallen below that mark
 * or the period is over. What is raised stands in the database, so any replica may raise it, and one does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import { retryTransient, withTransaction } from '../db/pool.js';
import { messageOf } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { DAY, formatTime } from '../time.js';
import {
  type Budget,
  type BudgetState,
  percentageOf,
  reaches,
  readActiveBudgets,
  stateOf,
} from './budgets.js';
import { formatUsd, toWire, type Usd } from '../money.js';
import { readSpend } from './spend.js';

export const MARKS = ['warning', 'exceeded'] as const;
export type Mark = (typeof MARKS)[number];

/** After a look at the tenants that have spent, before the next one: however fast executions come in. */
const PAUSE_MS = 500;
const SHOWN = 20;

/** What Prometheus shows of a budget. */
export interface BudgetFigures {
  tenant: string;
  id: string;
  name: string | null;
  /** Spend by threshold: 1 where it is used up. */
  ratio: number;
  state: BudgetState;
}

/** A notification on the wire. */
export interface NotificationView {
  mark: Mark;
  raised_at: string;
  cleared_at: string | null;
  spend_usd: number;
  sent_at: string | null;
  last_error: string | null;
}

interface Standing {
  id: string;
  budgetId: string;
  mark: Mark;
  raisedAt: Date;
}

interface Seen {
  now: number;
  budgets: readonly { budget: Budget; spend: Usd }[];
  standing: readonly Standing[];
}

interface Raised {
  budget: Budget;
  spend: Usd;
  mark: Mark;
}

interface Transitions {
  /** Ids of notifications. */
  clear: string[];
  raise: Raised[];
}

export interface BudgetWatchDeps {
  pool: Pool;
  now: () => number;
  log: { warn(details: object, message: string): void };
  /** Undefined where no mail server is set: nothing is to be sent. */
  mails?: { kick(): void; stop(): Promise<void> };
}

const watchLock = (tenantId: string): string => lockKey('budgets', tenantId);

export class BudgetWatch {
  private readonly stopping = new AbortController();
  private readonly touched = new Set<string>();
  private working: Promise<void> | undefined;
  /** Of the last time that all were looked at, by tenant. */
  private figures = new Map<string, BudgetFigures[]>();

  constructor(private readonly deps: BudgetWatchDeps) {}

  /** Has the tenant's budgets looked at soon, in the background; together with what comes in meanwhile. */
  touch(tenantId: string): void {
    if (this.stopping.signal.aborted) return;
    this.touched.add(tenantId);
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  /**
   * Looks at the budgets of all tenants. A tenant that fails is logged, and its figures stay as they were.
   * @returns the figures of all active budgets, the oldest of a tenant first
   */
  async evaluateAll(signal?: AbortSignal): Promise<BudgetFigures[]> {
    const { pool, mails } = this.deps;
    const { rows } = await pool.query<{ id: string }>(
      'SELECT DISTINCT tenant_id AS id FROM budgets WHERE is_active ORDER BY 1',
    );
    const figures = new Map<string, BudgetFigures[]>();
    for (const { id } of rows) {
      const known = this.figures.get(id) ?? [];
      figures.set(id, signal?.aborted ? known : await this.tryEvaluate(id, known));
    }
    this.figures = figures;
    mails?.kick();
    return [...figures.values()].flat();
  }

  /** Raises and clears what is due. */
  async evaluate(tenantId: string): Promise<BudgetFigures[]> {
    const { pool, mails } = this.deps;
    let seen = await withTransaction(pool, (client) => this.read(client, tenantId));
    if (hasAny(transitionsOf(seen))) {
      const raised = await retryTransient(() =>
        withTransaction(pool, async (client) => {
          // Before the statements that read: a slower replica would otherwise clear, by its older spend, what a quicker
          // one has raised, and it would be raised again.
          await transactionLock(client, watchLock(tenantId));
          seen = await this.read(client, tenantId);
          return this.apply(client, tenantId, transitionsOf(seen), seen.now);
        }),
      );
      if (raised > 0) mails?.kick();
    }
    return seen.budgets.map(({ budget, spend }) => ({
      tenant: tenantId,
      id: budget.id,
      name: budget.name,
      ratio: percentageOf(spend, budget.threshold) / 100,
      state: stateOf(budget, spend),
    }));
  }

  /** Begins nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
    await this.deps.mails?.stop();
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    while (this.touched.size > 0 && !signal.aborted) {
      const tenants = [...this.touched];
      this.touched.clear();
      for (const tenantId of tenants) {
        if (!signal.aborted) await this.tryEvaluate(tenantId, []);
      }
      await delay(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async tryEvaluate(tenantId: string, otherwise: BudgetFigures[]): Promise<BudgetFigures[]> {
    try {
      return await this.evaluate(tenantId);
    } catch (error) {
      this.deps.log.warn(
        { tenant: tenantId, error: messageOf(error) },
        'budgets not looked at; they are at every interval',
      );
      return otherwise;
    }
  }

  private async read(client: PoolClient, tenantId: string): Promise<Seen> {
    const now = this.deps.now();
    const budgets = await readActiveBudgets(client, tenantId);
    if (budgets.length === 0) return { now, budgets: [], standing: [] };
    const spent = await readSpend(client, tenantId, budgets, now);
    const { rows } = await client.query<Standing>(
      `SELECT id, budget_id AS "budgetId", mark, raised_at AS "raisedAt" FROM budget_notifications
       WHERE tenant_id = $1 AND cleared_at IS NULL`,
      [tenantId],
    );
    return { now, budgets: budgets.map((budget, i) => ({ budget, spend: spent[i]!.spend })), standing: rows };
  }

  /** @returns how many were raised */
  private async apply(
    client: PoolClient,
    tenantId: string,
    { clear, raise }: Transitions,
    now: number,
  ): Promise<number> {
    if (clear.length > 0) {
      await client.query(
        'UPDATE budget_notifications SET cleared_at = $3 WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
        [tenantId, clear, new Date(now)],
      );
    }
    let raised = 0;
    for (const { budget, spend, mark } of raise) {
      const wanted =
        this.deps.mails !== undefined && budget.emailNotification && budget.recipients.length > 0;
      // With the budget's row held, so that none is raised of a budget that is being deleted.
      const { rowCount } = await client.query(
        `INSERT INTO budget_notifications
           (tenant_id, id, budget_id, mark, spend_usd, threshold_usd, raised_at, recipients, next_attempt_at)
         SELECT $1, $3, b.id, $4, $5, $6, $7, $8, CASE WHEN $9 THEN now() END
         FROM budgets b WHERE b.tenant_id = $1 AND b.id = $2 FOR KEY SHARE
         ON CONFLICT (tenant_id, budget_id, mark) WHERE cleared_at IS NULL DO NOTHING`,
        [
          tenantId,
          budget.id,
          uuidv7(),
          mark,
          formatUsd(spend),
          formatUsd(budget.threshold),
          new Date(now),
          budget.recipients,
          wanted,
        ],
      );
      raised += rowCount ?? 0;
    }
    return raised;
  }
}

const hasAny = ({ clear, raise }: Transitions): boolean => clear.length + raise.length > 0;

/** At 100 % the warning would say the same as the other mark. */
function reached(mark: Mark, { threshold, alertAtPercentage }: Budget, spend: Usd): boolean {
  if (mark === 'exceeded') return reaches(spend, threshold, 100);
  return alertAtPercentage < 100 && reaches(spend, threshold, alertAtPercentage);
}

function transitionsOf({ now, budgets, standing }: Seen): Transitions {
  const transitions: Transitions = { clear: [], raise: [] };
  const stands = new Map(standing.map((row) => [`${row.budgetId} ${row.mark}`, row]));
  for (const { budget, spend } of budgets) {
    for (const mark of MARKS) {
      const row = stands.get(`${budget.id} ${mark}`);
      const isReached = reached(mark, budget, spend);
      const ends =
        row !== undefined && (!isReached || now - row.raisedAt.getTime() >= budget.periodDays * DAY);
      if (ends) transitions.clear.push(row.id);
      if (isReached && (row === undefined || ends)) transitions.raise.push({ budget, spend, mark });
    }
  }
  return transitions;
}

/** The latest notifications of a budget, the newest first; of both marks at once the graver. */
export async function listNotifications(
  pool: Pool,
  tenantId: string,
  budgetId: string,
): Promise<NotificationView[]> {
  const { rows } = await pool.query<{
    mark: Mark;
    raisedAt: Date;
    clearedAt: Date | null;
    spend: string;
    sentAt: Date | null;
    lastError: string | null;
  }>(
    `SELECT mark, raised_at AS "raisedAt", cleared_at AS "clearedAt", spend_usd AS spend, sent_at AS "sentAt",
            last_error AS "lastError"
     FROM budget_notifications WHERE tenant_id = $1 AND budget_id = $2
     ORDER BY raised_at DESC, mark = 'exceeded' DESC, id DESC LIMIT ${SHOWN}`,
    [tenantId, budgetId],
  );
  const time = (at: Date | null): string | null => at && formatTime(at.getTime());
  return rows.map((row) => ({
    mark: row.mark,
    raised_at: formatTime(row.raisedAt.getTime()),
    cleared_at: time(row.clearedAt),
    spend_usd: toWire(row.spend),
    sent_at: time(row.sentAt),
    last_error: row.lastError,
  }));
}

/** Mails of notifications that are not out yet, by tenant. */
export interface MailFigures {
  tenant: string;
  /** Not tried yet. */
  waiting: number;
  /** Tried in vain: to be tried again, or given up within the last day. */
  failing: number;
}

export async function readMailFigures(pool: Pool): Promise<MailFigures[]> {
  const { rows } = await pool.query<MailFigures>(
    `SELECT tenant_id AS tenant, count(*) FILTER (WHERE next_attempt_at IS NOT NULL AND last_error IS NULL) AS waiting,
            count(*) FILTER (WHERE last_error IS NOT NULL) AS failing
     FROM budget_notifications
     WHERE next_attempt_at IS NOT NULL
        OR (sent_at IS NULL AND last_error IS NOT NULL AND raised_at > now() - interval '1 day')
     GROUP BY 1 ORDER BY 1`,
  );
  return rows;
}

/** Removes those that were cleared before `before`, milliseconds. @returns the number of them */
export async function dropOldNotifications(pool: Pool, before: number): Promise<number> {
  const { rowCount } = await pool.query('DELETE FROM budget_notifications WHERE cleared_at < $1', [
    new Date(before),
  ]);
  return rowCount ?? 0;
}
