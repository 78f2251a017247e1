/** The way in for executions: checked, their tenant and agents registered, priced and written, a transaction a request. */
import { LRUCache } from 'lru-cache';
import type { Pool, PoolClient } from 'pg';
import { type PriceList, type PriceLists } from '../../costs/prices.js';
import { settleReservations } from '../../costs/reservations.js';
import { retryTransient } from '../../db/pool.js';
import { CachedWatermark } from '../../db/watermarks.js';
import { AppError } from '../../errors.js';
import type { Batcher } from '../../queues/batcher.js';
import { InFlight } from '../../queues/in-flight.js';
import { MINUTE, rawStart, type Retention } from '../../time.js';
import { available, unavailable } from '../available.js';
import type { Execution } from '../../facts/execution/execution.js';
import { parseExecutions, parseSteps, parseUsages } from '../../facts/execution/parse.js';
import { areTooMany, TOO_MANY_TOKENS } from '../../facts/execution/sent-tokens.js';
import type { Bounds, IngestAnswer } from '../../facts/refusal.js';
import type { NamedAgent, Registry } from '../../tenants/registry.js';
import { transactionBatcher } from '../transactions.js';
import { EXECUTIONS_FROM } from './retention.js';
import { appendSteps, appendUsages, merge, type State, withSteps, withUsages } from './state.js';
import { type Change, lockStates, readSteps, readUsages, WriteConflict, writeChanges } from './store.js';

export interface ExecutionIngestDeps {
  pool: Pool;
  registry: Registry;
  prices: PriceLists;
  retention: Retention;
  now: () => number;
  /** Told of a tenant whose spend may have changed. */
  onSpend?: (tenantId: string) => void;
}

/** Executions of one transaction. */
const MAX_TOGETHER = 500;
/** Tries of a transaction that another one overtakes. */
const ATTEMPTS = 5;
/** Whoever sends again what is there goes on doing so for a while. */
const RESENDING_FOR = MINUTE;
const MAX_RESENDING = 10_000;

/** Whose it is, as it names it. */
export const agentOf = ({ header, agentName }: Execution): NamedAgent => ({
  agentId: header.agent_id,
  agentName,
});

export class ExecutionIngest {
  private readonly inFlight = new InFlight();
  /** Tenants that have sent executions again of late, or traces in pieces; of others it is not asked before what is there. */
  private readonly resending = new LRUCache<string, true>({ max: MAX_RESENDING, ttl: RESENDING_FOR });

  /** First instant whose executions are still kept. */
  private readonly keptFrom: CachedWatermark;
  private readonly batcher: Batcher<readonly Execution[], number>;

  constructor(private readonly deps: ExecutionIngestDeps) {
    this.keptFrom = new CachedWatermark(deps.pool, EXECUTIONS_FROM);
    this.batcher = transactionBatcher({
      run: (tenantId, requests) => this.write(tenantId, requests),
      weigh: (executions) => executions.length,
      maxWeight: MAX_TOGETHER,
    });
  }

  /**
   * Takes executions in their wire form. Good ones are durable when this resolves, bad ones are named.
   * @throws AppError UNAVAILABLE when nothing could be written
   */
  async executions(tenantId: string, raw: readonly unknown[]): Promise<IngestAnswer> {
    const { executions, rejected } = parseExecutions(raw, await this.bounds());
    const accepted = executions.length === 0 ? 0 : await this.batcher.submit(tenantId, executions);
    return { accepted, duplicates: executions.length - accepted, rejected };
  }

  /** @returns by request how many of its executions changed something */
  private async write(tenantId: string, requests: readonly (readonly Execution[])[]): Promise<number[]> {
    const { registry } = this.deps;
    await available(() => registry.register(tenantId, requests.flat().map(agentOf)));
    const accepted = await this.transaction(tenantId, (client, prices) =>
      this.apply(client, tenantId, requests, prices),
    );
    await registry.rename(tenantId, accepted.flat().map(agentOf));
    return accepted.map((executions) => executions.length);
  }

  /**
   * Merges executions with what is there, in the caller's transaction, which is one of `transaction`. Their agents are
   * registered.
   * @returns by request those of its executions that changed something
   */
  async apply(
    client: PoolClient,
    tenantId: string,
    requests: readonly (readonly Execution[])[],
    prices: PriceList,
  ): Promise<Execution[][]> {
    const ids = [...new Set(requests.flatMap((executions) => executions.map(({ id }) => id)))].sort();
    // Taken for new, one that is there shows when it is inserted; then the transaction is repeated.
    const before = this.isResending(tenantId)
      ? await lockStates(client, tenantId, ids)
      : new Map<string, State>();
    const states = new Map(before);
    const accepted = requests.map((executions) =>
      executions.filter((execution) => {
        const after = merge(states.get(execution.id), execution);
        if (after !== undefined) states.set(execution.id, after);
        return after !== undefined;
      }),
    );
    const changes = ids
      .filter((id) => states.get(id) !== before.get(id))
      .map((id) => ({ id, before: before.get(id), after: states.get(id)! }));
    await writeAndSettle(client, tenantId, changes, prices);
    return accepted;
  }

  /**
   * Appends steps to an execution.
   * @throws AppError EXECUTION_NOT_FOUND
   */
  async steps(tenantId: string, executionId: string, raw: readonly unknown[]): Promise<IngestAnswer> {
    const { steps, rejected } = parseSteps(raw);
    const accepted = await this.append(tenantId, executionId, async (client, id, before) => {
      const { items, changed } = appendSteps(await readSteps(client, tenantId, id), steps);
      return { after: withSteps(before, items), changed };
    });
    return { accepted, duplicates: steps.length - accepted, rejected };
  }

  /**
   * Appends token usages to an execution, and prices it anew.
   * @throws AppError EXECUTION_NOT_FOUND; VALIDATION_ERROR where all of them are too many
   */
  async tokenUsages(tenantId: string, executionId: string, raw: readonly unknown[]): Promise<IngestAnswer> {
    const { usages, rejected } = parseUsages(raw);
    const accepted = await this.append(tenantId, executionId, async (client, id, before) => {
      const known = (await readUsages(client, tenantId, [id])).get(id) ?? [];
      const { items, changed } = appendUsages(known, usages);
      if (areTooMany(items)) throw new AppError('VALIDATION_ERROR', TOO_MANY_TOKENS);
      return { after: withUsages(before, items), changed };
    });
    return { accepted, duplicates: usages.length - accepted, rejected };
  }

  /** Whether what a tenant sends is to be looked for before it is taken for new. */
  isResending(tenantId: string): boolean {
    return this.resending.has(tenantId);
  }

  /** Resolves when all that was submitted has been answered. */
  async drain(): Promise<void> {
    await this.batcher.drain();
    await this.inFlight.drain();
  }

  private append(
    tenantId: string,
    executionId: string,
    work: (client: PoolClient, id: string, before: State) => Promise<{ after: State; changed: number }>,
  ): Promise<number> {
    // As the database writes it, by which it is looked up.
    const id = executionId.toLowerCase();
    return this.transaction(tenantId, async (client, prices) => {
      const before = (await lockStates(client, tenantId, [id])).get(id);
      if (before === undefined) {
        throw new AppError('EXECUTION_NOT_FOUND', `there is no execution "${id}"; send it first`);
      }
      const { after, changed } = await work(client, id, before);
      if (changed > 0) await writeAndSettle(client, tenantId, [{ id, before, after }], prices);
      return changed;
    });
  }

  /** The instants that an execution has to lie within. */
  async bounds(): Promise<Bounds> {
    const now = this.deps.now();
    const keptFrom = await available(() => this.droppedBefore());
    return { now, oldest: Math.max(rawStart(now, this.deps.retention), keptFrom) };
  }

  /** Executions of before this may have been dropped, milliseconds; -Infinity while none were. */
  droppedBefore(): Promise<number> {
    return this.keptFrom.read();
  }

  /**
   * A transaction in which the tenant's prices stay as they are; repeated where another one overtakes it.
   * @throws AppError UNAVAILABLE when the database is away
   */
  async transaction<T>(
    tenantId: string,
    work: (client: PoolClient, prices: PriceList) => Promise<T>,
  ): Promise<T> {
    const { pool, prices, onSpend } = this.deps;
    const attempt = (): Promise<T> => retryTransient(() => prices.transaction(pool, tenantId, work));
    const written = available(async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof WriteConflict)) throw error;
          if (tries === ATTEMPTS) throw unavailable(error);
          this.resending.set(tenantId, true);
        }
      }
    });
    const result = await this.inFlight.track(written);
    onSpend?.(tenantId);
    return result;
  }
}

/** Ends the reservations of those that have finished, and writes all of them. */
export async function writeAndSettle(
  client: PoolClient,
  tenantId: string,
  changes: readonly Change[],
  prices: PriceList,
): Promise<void> {
  if (changes.length === 0) return;
  const held = await settleReservations(
    client,
    tenantId,
    changes.flatMap(({ id, after: { header } }) =>
      header.reservation_id === null
        ? []
        : [
            {
              reservationId: header.reservation_id,
              executionId: id,
              finished: header.status !== 'running',
            },
          ],
    ),
  );
  await writeChanges(client, tenantId, changes, prices, held);
}
