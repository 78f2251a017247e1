/** Ingest of executions: checks them, registers their tenant and agents, prices them and writes them in a transaction. */
import type { Pool, PoolClient } from 'pg';
import { EXECUTIONS } from '../../aggregates/index.js';
import { type PriceList, type PriceLists } from '../../costs/prices.js';
import { settleReservations } from '../../costs/reservations.js';
import { retryTransient } from '../../db/pool.js';
import { CachedWatermark } from '../../db/watermarks.js';
import type { Capture } from '../../config.js';
import { AppError } from '../../errors.js';
import type { Batcher } from '../../queues/batcher.js';
import { Pauses } from '../../pause.js';
import { InFlight } from '../../queues/in-flight.js';
import { rawStart, type Retention } from '../../time.js';
import { type Arrivals, noArrivals, type OnArrivals } from '../arrivals.js';
import { available, unavailable } from '../available.js';
import type { Content } from '../content.js';
import type { Execution } from '../../facts/execution/execution.js';
import { parseExecutions, parseSteps, parseUsages } from '../../facts/execution/parse.js';
import { areTooMany, TOO_MANY_TOKENS } from '../../facts/execution/sent-tokens.js';
import type { Bounds, IngestAnswer } from '../../facts/refusal.js';
import type { NamedAgent, Registry } from '../../tenants/registry.js';
import { Resending } from '../resending.js';
import { transactionBatcher } from '../transactions.js';
import { appendSteps, appendUsages, merge, type State, withSteps, withUsages } from './state.js';
import { type Change, lockStates, readSteps, readUsages, WriteConflict, writeChanges } from './store.js';

export interface ExecutionIngestDeps {
  pool: Pool;
  registry: Registry;
  prices: PriceLists;
  retention: Retention;
  now: () => number;
  content: Content;
  /** Told of a tenant whose spend may have changed. */
  onSpend?: (tenantId: string) => void;
  onArrivals?: OnArrivals;
}

/** A transaction during which the tenant's prices do not change. */
export interface IngestTransaction {
  client: PoolClient;
  prices: PriceList;
  /** What it writes, which counts once it is committed. */
  arrivals: Arrivals;
}

/** Most executions that are written in one transaction. */
const MAX_TOGETHER = 500;
/** How often a transaction is tried that conflicts with others. */
const ATTEMPTS = 5;

/** Agent and user of an execution, as the execution names them. */
export const agentOf = ({ header, agentName, agentTags, userName }: Execution): NamedAgent => ({
  agentId: header.agent_id,
  agentName,
  agentTags,
  userId: header.user_id,
  userName,
});

export class ExecutionIngest {
  private readonly inFlight = new InFlight();
  /** Also of tenants that send traces in pieces. */
  private readonly resending = new Resending();

  /** The first instant whose executions are kept. */
  private readonly keptFrom: CachedWatermark;
  private readonly batcher: Batcher<readonly Execution[], number>;

  constructor(private readonly deps: ExecutionIngestDeps) {
    this.keptFrom = new CachedWatermark(deps.pool, EXECUTIONS.retention.watermark);
    this.batcher = transactionBatcher({
      run: (tenantId, requests) => this.write(tenantId, requests),
      weigh: (executions) => executions.length,
      maxWeight: MAX_TOGETHER,
    });
  }

  /**
   * Takes executions in their wire form. Valid ones are durable when this resolves; the others are rejected by index.
   * @param allowed what the sender allows to be kept of content
   * @throws AppError UNAVAILABLE when nothing could be written
   */
  async executions(tenantId: string, raw: readonly unknown[], allowed?: Capture): Promise<IngestAnswer> {
    const kept = await this.deps.content.upTo(allowed).executions(raw);
    const { executions, rejected } = parseExecutions(kept, await this.bounds());
    const accepted = executions.length === 0 ? 0 : await this.batcher.submit(tenantId, executions);
    return { accepted, duplicates: executions.length - accepted, rejected };
  }

  /** @returns for each request, how many of its executions changed something */
  private async write(tenantId: string, requests: readonly (readonly Execution[])[]): Promise<number[]> {
    const { registry } = this.deps;
    await available(() => registry.register(tenantId, requests.flat().map(agentOf)));
    const accepted = await this.transaction(tenantId, (transaction) =>
      this.apply(transaction, tenantId, requests),
    );
    await registry.rename(tenantId, accepted.flat().map(agentOf));
    return accepted.map((executions) => executions.length);
  }

  /**
   * Merges executions with the stored ones. The caller's transaction is one of `transaction`, and the agents are
   * registered.
   * @returns for each request, its executions that changed something
   */
  async apply(
    { client, prices, arrivals }: IngestTransaction,
    tenantId: string,
    requests: readonly (readonly Execution[])[],
  ): Promise<Execution[][]> {
    const ids = [...new Set(requests.flatMap((executions) => executions.map(({ id }) => id)))].sort();
    // Where executions are assumed to be new, a stored one fails the insert, and the transaction is repeated.
    const before = this.isResending(tenantId)
      ? await lockStates(client, tenantId, ids)
      : new Map<string, State>();
    const states = new Map(before);
    const pauses = new Pauses();
    const accepted: Execution[][] = [];
    for (const executions of requests) {
      const changed: Execution[] = [];
      for (const execution of executions) {
        const parts = (execution.steps?.length ?? 0) + (execution.usages?.length ?? 0);
        if (pauses.isDueBefore(parts)) await pauses.take();
        const after = merge(states.get(execution.id), execution);
        if (after === undefined) continue;
        states.set(execution.id, after);
        changed.push(execution);
      }
      accepted.push(changed);
    }
    const changes = ids
      .filter((id) => states.get(id) !== before.get(id))
      .map((id) => ({ id, before: before.get(id), after: states.get(id)! }));
    await writeAndSettle(client, tenantId, changes, prices, arrivals);
    return accepted;
  }

  /**
   * Appends steps to an execution.
   * @param allowed what the sender allows to be kept of content
   * @throws AppError EXECUTION_NOT_FOUND
   */
  async steps(
    tenantId: string,
    executionId: string,
    raw: readonly unknown[],
    allowed?: Capture,
  ): Promise<IngestAnswer> {
    const { steps, rejected } = parseSteps(await this.deps.content.upTo(allowed).steps(raw));
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

  /** Whether stored executions are looked up before what a tenant sends is assumed to be new. */
  isResending(tenantId: string): boolean {
    return this.resending.has(tenantId);
  }

  /** Resolves when every submission has been answered. */
  async drain(): Promise<void> {
    await this.batcher.drain();
    await this.inFlight.drain();
  }

  private append(
    tenantId: string,
    executionId: string,
    work: (client: PoolClient, id: string, before: State) => Promise<{ after: State; changed: number }>,
  ): Promise<number> {
    // The database gives UUIDs back in lower case, and the states are looked up by them.
    const id = executionId.toLowerCase();
    return this.transaction(tenantId, async ({ client, prices, arrivals }) => {
      const before = (await lockStates(client, tenantId, [id])).get(id);
      if (before === undefined) {
        throw new AppError('EXECUTION_NOT_FOUND', `there is no execution "${id}"; send it first`);
      }
      const { after, changed } = await work(client, id, before);
      if (changed > 0) await writeAndSettle(client, tenantId, [{ id, before, after }], prices, arrivals);
      return changed;
    });
  }

  /** The range that the start of an execution must lie in. */
  async bounds(): Promise<Bounds> {
    const now = this.deps.now();
    const keptFrom = await available(() => this.droppedBefore());
    return { now, oldest: Math.max(rawStart(now, this.deps.retention), keptFrom) };
  }

  /** Executions from before this instant may have been dropped, milliseconds; -Infinity if none were. */
  droppedBefore(): Promise<number> {
    return this.keptFrom.read();
  }

  /**
   * A transaction during which the tenant's prices do not change; it is repeated after a conflict.
   * @throws AppError UNAVAILABLE if the database is unreachable
   */
  async transaction<T>(tenantId: string, work: (transaction: IngestTransaction) => Promise<T>): Promise<T> {
    const { pool, prices: lists, onSpend, onArrivals } = this.deps;
    let arrivals = noArrivals();
    const attempt = (): Promise<T> =>
      retryTransient(() =>
        lists.transaction(pool, tenantId, (client, prices) => {
          arrivals = noArrivals();
          return work({ client, prices, arrivals });
        }),
      );
    const written = available(async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof WriteConflict)) throw error;
          if (tries === ATTEMPTS) throw unavailable(error);
          this.resending.add(tenantId);
        }
      }
    });
    const result = await this.inFlight.track(written);
    onSpend?.(tenantId);
    if (arrivals.changes > 0) onArrivals?.(tenantId, arrivals);
    return result;
  }
}

/**
 * Settles the reservations of finished executions, and writes all of the changes.
 * @param arrivals what is written is added to them
 */
export async function writeAndSettle(
  client: PoolClient,
  tenantId: string,
  changes: readonly Change[],
  prices: PriceList,
  arrivals = noArrivals(),
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
  await writeChanges(client, tenantId, changes, prices, held, arrivals);
}
