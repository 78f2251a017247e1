/** Money that a budget holds for an execution to come. */
import type { Pool, PoolClient } from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { lockKey, transactionLock } from '../db/locks.js';
import { isStatementTimeout, isUnavailable, retryTransient, withTransaction } from '../db/pool.js';
import { AppError } from '../errors.js';
import { sentReader } from '../facts/record.js';
import { RESERVATION, type ReservationInput } from '../facts/reservation/columns.js';
import { insertSql, parametersOf } from '../facts/statements.js';
import { uuidv7 } from '../ids.js';
import { DAY, formatTime } from '../time.js';
import { Batcher } from '../queues/batcher.js';
import { type Budget, readConcerned } from './budget.js';
import { parseUsd, type Usd } from '../money.js';
import {
  type Account,
  type Caller,
  refusal,
  type Reservation,
  unanswered,
  viewOf,
} from './reservation-answers.js';
import { readSpend } from './spend.js';

/** An execution that names a reservation. */
export interface Arrived {
  reservationId: string;
  executionId: string;
  finished: boolean;
}

/**
 * Ends the reservations of executions that have finished, in the transaction that writes these. The first that arrives
 * settles it; another that names it too has nothing of it.
 * @returns the estimates, by the execution that has settled: what it costs its budgets where it is unpriced
 */
export async function settleReservations(
  client: PoolClient,
  tenantId: string,
  arrived: readonly Arrived[],
): Promise<Map<string, Usd>> {
  if (arrived.length === 0) return new Map();
  const settling = new Map<string, string>();
  for (const { reservationId, executionId, finished } of arrived) {
    if (finished && !settling.has(reservationId)) settling.set(reservationId, executionId);
  }
  // Sorted, so that concurrent ones lock the rows in one order.
  const settled = [...settling].sort(([a], [b]) => (a < b ? -1 : 1));
  await client.query(
    `UPDATE budget_reservations r SET settled_at = now(), settled_by = s.execution_id
     FROM unnest($2::uuid[], $3::uuid[]) AS s (id, execution_id)
     WHERE r.tenant_id = $1 AND r.id = s.id AND r.settled_at IS NULL`,
    [tenantId, settled.map(([id]) => id), settled.map(([, executionId]) => executionId)],
  );
  const { rows } = await client.query<{ id: string; estimate: string; settledBy: string | null }>(
    `SELECT id, estimated_cost_usd AS estimate, settled_by AS "settledBy" FROM budget_reservations
     WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND settled_at IS NOT NULL`,
    [tenantId, arrived.map(({ reservationId }) => reservationId)],
  );
  const reservations = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    arrived.flatMap(({ reservationId, executionId }): [string, Usd][] => {
      const row = reservations.get(reservationId);
      // Whose it was is not known of one that was settled before that was kept.
      const own = row !== undefined && (row.settledBy ?? executionId) === executionId;
      return own ? [[executionId, parseUsd(row.estimate)]] : [];
    }),
  );
}

/** Callers of one transaction. */
const MAX_GROUP = 500;
/** Tenants at once: the rest of the pool's connections is for others, however many callers there are. */
const MAX_TENANTS_AT_ONCE = 3;
/** Attempts while the database is unreachable, and the delay before each further one in milliseconds. */
const ATTEMPTS = 4;
const RETRY_MS = 250;
/** Unsettled ones stay for this long after their time: an execution that comes late still finds its estimate. */
const KEEP_EXPIRED_MS = DAY;

const readReservation = sentReader(RESERVATION);
const INSERT = insertSql(RESERVATION);
const parameters = parametersOf(RESERVATION);

const reservationLock = (tenantId: string): string => lockKey('reservations', tenantId);

type Verdict = Reservation | AppError;

export interface ReservationsDeps {
  pool: Pool;
  now: () => number;
  /** Registers a tenant not seen before. */
  register: (tenantId: string) => Promise<void>;
}

export class Reservations {
  private readonly batcher: Batcher<Caller, Verdict>;

  constructor(private readonly deps: ReservationsDeps) {
    this.batcher = new Batcher({
      maxWeight: MAX_GROUP,
      concurrency: MAX_TENANTS_AT_ONCE,
      run: (tenantId, callers) => this.serve(tenantId, callers),
    });
  }

  /**
   * Holds the estimate within every hard-stop budget that the caller spends of. Callers of a tenant are served one after
   * the other, over all replicas.
   * @throws AppError BUDGET_EXCEEDED naming the budget whose threshold it would pass
   */
  async reserve(tenantId: string, input: ReservationInput): Promise<Reservation> {
    const request = readReservation(input);
    const expires_at = this.deps.now() + request.ttl_seconds * 1000;
    const verdict = await this.batcher.submit(tenantId, { ...request, id: uuidv7(), expires_at });
    if (verdict instanceof AppError) throw verdict;
    return verdict;
  }

  /**
   * Gives back what it holds; one that its execution has settled holds nothing any more, and stays.
   * @throws AppError NOT_FOUND for a reservation of another tenant or of none
   */
  async release(tenantId: string, id: string): Promise<void> {
    const { rowCount } = await this.deps.pool.query(
      'DELETE FROM budget_reservations WHERE tenant_id = $1 AND id = $2 AND settled_at IS NULL',
      [tenantId, id],
    );
    if (rowCount === 1) return;
    const { rowCount: settled } = await this.deps.pool.query(
      'SELECT FROM budget_reservations WHERE tenant_id = $1 AND id = $2',
      [tenantId, id],
    );
    if (settled === 0) throw new AppError('NOT_FOUND', `there is no reservation "${id}"`);
  }

  /** Resolves when every caller has been answered. */
  drain(): Promise<void> {
    return this.batcher.drain();
  }

  /** In one transaction. One whose end is not known, because the database went away, is tried again: its ids tell. */
  private async serve(tenantId: string, callers: readonly Caller[]): Promise<Verdict[]> {
    /** Those of transactions that came as far as their commit. */
    const perhapsHeld = new Set<Caller>();
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.deps.register(tenantId);
        return await retryTransient(() =>
          withTransaction(this.deps.pool, async (client) => {
            const { verdicts, passed } = await this.decide(client, tenantId, callers);
            for (const caller of passed) perhapsHeld.add(caller);
            return verdicts;
          }),
        );
      } catch (error) {
        if (!isUnavailable(error) && !isStatementTimeout(error)) throw error;
        if (attempt === ATTEMPTS)
          return callers.map((caller) => unanswered(caller, perhapsHeld.has(caller), error));
        await delay(RETRY_MS * attempt);
      }
    }
  }

  private async decide(
    client: PoolClient,
    tenantId: string,
    callers: readonly Caller[],
  ): Promise<{ verdicts: Verdict[]; passed: Caller[] }> {
    // Before the statements that read, so that they see all that the holder before has committed.
    await transactionLock(client, reservationLock(tenantId));
    const { rows: known } = await client.query<{ id: string }>(
      'SELECT id FROM budget_reservations WHERE tenant_id = $1 AND id = ANY ($2::uuid[])',
      [tenantId, callers.map(({ id }) => id)],
    );
    const held = new Set(known.map(({ id }) => id));
    const ids = (of: 'agent_id' | 'user_id' | 'flow_id'): string[] => [
      ...new Set(callers.flatMap((caller) => caller[of] ?? [])),
    ];
    const budgets = await readConcerned(client, tenantId, {
      agent: ids('agent_id'),
      user: ids('user_id'),
      flow: ids('flow_id'),
    });
    const spent = await readSpend(client, tenantId, budgets, this.deps.now());
    const accounts = budgets.map((budget, i): Account => ({ budget, ...spent[i]! }));
    const passed: Caller[] = [];
    const verdicts = callers.map((caller): Verdict => {
      const concerned = accounts.filter(({ budget }) => concerns(budget, caller));
      if (!held.has(caller.id)) {
        const full = concerned.find(
          ({ budget, spend, reserved }) =>
            budget.alertType === 'hard_stop' &&
            spend + reserved + caller.estimated_cost_usd > budget.threshold,
        );
        if (full !== undefined) return refusal(full, caller);
        for (const account of concerned) account.reserved += caller.estimated_cost_usd;
        passed.push(caller);
      }
      return { id: caller.id, expires_at: formatTime(caller.expires_at), budgets: concerned.map(viewOf) };
    });
    await insert(client, tenantId, passed);
    return { verdicts, passed };
  }
}

function concerns({ scope, scopeId }: Budget, caller: Caller): boolean {
  switch (scope) {
    case 'global':
      return true;
    case 'agent':
      return scopeId === caller.agent_id;
    case 'user':
      return scopeId === caller.user_id;
    case 'flow':
      return scopeId === caller.flow_id;
  }
}

async function insert(client: PoolClient, tenantId: string, callers: readonly Caller[]): Promise<void> {
  if (callers.length === 0) return;
  await client.query(INSERT, [tenantId, ...parameters(callers)]);
}

/**
 * Removes reservations whose time is up, and settled ones once their execution may be gone.
 * @param rawFrom first instant whose executions are kept, milliseconds
 * @returns the number of them
 */
export async function dropEndedReservations(pool: Pool, now: number, rawFrom: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM budget_reservations
     WHERE (settled_at IS NULL AND expires_at < $1) OR (settled_at IS NOT NULL AND expires_at < $2)`,
    [new Date(now - KEEP_EXPIRED_MS), new Date(rawFrom)],
  );
  return rowCount ?? 0;
}
