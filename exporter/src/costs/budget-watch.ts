/**
 * Watches the budgets of all tenants and raises their notifications: once when the spend reaches a mark, and again only
 * after it has fallen below that mark or the period is over. Notifications stand in the database, so any replica may raise
 * one, and only one replica does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import type { DatabaseLog } from '../db/log.js';
import { retryTransient, withTransaction } from '../db/pool.js';
import { messageOf } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { resolveIncidents } from './budget-incidents.js';
import { budgetContent } from './budget-message.js';
import { type BudgetState, percentageOf, readActiveBudgets, stateOf } from './budget.js';
import { formatUsd } from '../money.js';
import { sendLater } from '../outbox/messages.js';
import { type AllowedRecipients, mayReceive } from '../outbox/recipients.js';
import { readSpend } from './spend.js';
import {
  type BudgetsSeen,
  hasAny,
  type OpenNotification,
  type Transitions,
  transitionsOf,
} from './transitions.js';

/** Between two evaluations of the tenants that have spent, so that a stream of executions does not cost one each. */
const PAUSE_MS = 500;

/** Tenants that wait for an evaluation. Beyond them, a tenant is evaluated with the next rollup, like all others. */
export const MAX_WAITING = 10_000;
/** Tenants whose figures are kept for when they cannot be evaluated. */
const MAX_KNOWN = 10_000;

/** What Prometheus shows of a budget. */
export interface BudgetFigures {
  tenant: string;
  id: string;
  name: string | null;
  /** Spend divided by threshold: 1 when the budget is used up. */
  ratio: number;
  state: BudgetState;
}

export interface BudgetWatchDeps {
  pool: Pool;
  now: () => number;
  log: Pick<DatabaseLog, 'warn'>;
  /** Sends what is stored for the outbox. Default: it is sent when the outbox looks next. */
  deliveries?: { kick(): void };
  /** Mails that earlier releases have stored. Undefined without a mail server: nobody gets mails. */
  mails?: { kick(): void; stop(): Promise<void> };
  /** Others get no mail. Default: anybody. */
  mailRecipients?: AllowedRecipients;
}

const watchLock = (tenantId: string): string => lockKey('budgets', tenantId);

export class BudgetWatch {
  private readonly stopping = new AbortController();
  private readonly touched = new Set<string>();
  private working: Promise<void> | undefined;
  /** By tenant, as of the last evaluation of all. */
  private readonly figures = new LRUCache<string, BudgetFigures[]>({ max: MAX_KNOWN });

  constructor(private readonly deps: BudgetWatchDeps) {}

  /** Tenants whose budgets are to be evaluated soon. */
  get waiting(): number {
    return this.touched.size;
  }

  /** Has the tenant's budgets evaluated soon, in the background. */
  touch(tenantId: string): void {
    if (this.stopping.signal.aborted) return;
    if (this.touched.size < MAX_WAITING) this.touched.add(tenantId);
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  /**
   * Evaluates the budgets of all tenants. If a tenant fails, that is logged and its figures stay as they were.
   * @returns the figures of all active budgets, in each tenant the oldest first
   */
  async evaluateAll(signal?: AbortSignal): Promise<BudgetFigures[]> {
    const { pool, mails } = this.deps;
    const { rows } = await pool.query<{ id: string }>(
      'SELECT DISTINCT tenant_id AS id FROM budgets WHERE is_active ORDER BY 1',
    );
    const all: BudgetFigures[] = [];
    for (const { id } of rows) {
      const known = this.figures.get(id) ?? [];
      const figures = signal?.aborted ? known : await this.tryEvaluate(id, known);
      this.figures.set(id, figures);
      all.push(...figures);
    }
    mails?.kick();
    return all;
  }

  /** Raises and clears the tenant's notifications that are due. */
  async evaluate(tenantId: string): Promise<BudgetFigures[]> {
    const { pool, deliveries } = this.deps;
    let seen = await withTransaction(pool, (client) => this.read(client, tenantId));
    if (hasAny(transitionsOf(seen))) {
      const stored = await retryTransient(() =>
        withTransaction(pool, async (client) => {
          // Before the statements that read. Otherwise a slow replica could clear, by an older spend, what a fast one has
          // raised, and it would be raised again.
          await transactionLock(client, watchLock(tenantId));
          seen = await this.read(client, tenantId);
          return this.apply(client, tenantId, transitionsOf(seen), seen.now);
        }),
      );
      if (stored > 0) deliveries?.kick();
    }
    return seen.budgets.map(({ budget, spend }) => ({
      tenant: tenantId,
      id: budget.id,
      name: budget.name,
      ratio: percentageOf(spend, budget.threshold) / 100,
      state: stateOf(budget, spend),
    }));
  }

  /** Starts nothing more and waits for what is running, mails included. */
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
        'budgets could not be evaluated; they are again with the next rollup',
      );
      return otherwise;
    }
  }

  private async read(client: PoolClient, tenantId: string): Promise<BudgetsSeen> {
    const now = this.deps.now();
    const budgets = await readActiveBudgets(client, tenantId);
    if (budgets.length === 0) return { now, budgets: [], open: [] };
    const spent = await readSpend(client, tenantId, budgets, now);
    const { rows } = await client.query<OpenNotification>(
      `SELECT id, budget_id AS "budgetId", mark, raised_at AS "raisedAt" FROM budget_notifications
       WHERE tenant_id = $1 AND cleared_at IS NULL`,
      [tenantId],
    );
    return { now, budgets: budgets.map((budget, i) => ({ budget, spend: spent[i]!.spend })), open: rows };
  }

  /** @returns the number of messages stored for the outbox */
  private async apply(
    client: PoolClient,
    tenantId: string,
    { clear, raise }: Transitions,
    now: number,
  ): Promise<number> {
    if (clear.length > 0) {
      await client.query(
        'UPDATE budget_notifications SET cleared_at = $3 WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
        [tenantId, clear.map(({ id }) => id), new Date(now)],
      );
    }
    const ended = clear.filter(({ again }) => !again);
    let stored = await resolveIncidents(client, tenantId, ended, now);
    const { mails, mailRecipients } = this.deps;
    for (const { budget, spend, mark } of raise) {
      const allowed = budget.recipients.filter((address) => mayReceive(mailRecipients, address));
      const recipients = mails !== undefined && budget.emailNotification ? allowed : [];
      const id = uuidv7();
      // Locks the budget's row: no notification is raised for a budget that is being deleted.
      const { rowCount } = await client.query(
        `INSERT INTO budget_notifications
           (tenant_id, id, budget_id, mark, spend_usd, threshold_usd, raised_at, recipients)
         SELECT $1, $3, b.id, $4, $5, $6, $7, $8
         FROM budgets b WHERE b.tenant_id = $1 AND b.id = $2 FOR KEY SHARE
         ON CONFLICT (tenant_id, budget_id, mark) WHERE cleared_at IS NULL DO NOTHING`,
        [
          tenantId,
          budget.id,
          id,
          mark,
          formatUsd(spend),
          formatUsd(budget.threshold),
          new Date(now),
          recipients,
        ],
      );
      if (rowCount !== 1) continue;
      stored += 1;
      const content = budgetContent({ tenantId, budget, spend, mark, raisedAt: now });
      await sendLater(client, {
        tenantId,
        id,
        kind: 'budget',
        channels: budget.channels,
        recipients,
        content,
      });
    }
    return stored;
  }
}
