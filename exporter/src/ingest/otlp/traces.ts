/** The way in for spans: kept, and each execution that they belong to recomputed from all of its spans. */
import type { PoolClient } from 'pg';
import type { PriceList } from '../../costs/prices.js';
import type { Batcher } from '../../queues/batcher.js';
import { InFlight } from '../../queues/in-flight.js';
import { available } from '../available.js';
import type { Execution } from '../../facts/execution/execution.js';
import { agentOf, type ExecutionIngest } from '../executions/executions.js';
import type { NamedAgent, Registry } from '../../tenants/registry.js';
import { transactionBatcher } from '../transactions.js';
import { Decoding } from './decoding.js';
import { executionOf } from './execution.js';
import { lockTraces, mergeTraces, type ReceivedTrace, type Trace, writeTraces } from './kept.js';
import { MAX_SPANS_PER_TRACE } from './merge.js';
import { type Encoding, MAX_PART, type SentTrace } from './sent.js';
import type { Span } from './tree.js';

export interface TraceAnswer {
  rejected: number;
  /** Why, each reason with the number of spans. */
  message: string;
}

export interface TraceIngestDeps {
  registry: Registry;
  executions: ExecutionIngest;
}

const BEYOND = `a span beyond the ${MAX_SPANS_PER_TRACE} of one trace`;

/** Agents that have to be registered before an execution of theirs is written. */
class Strangers extends Error {
  constructor(readonly agents: readonly NamedAgent[]) {
    super('agents are not registered yet');
  }
}

export class TraceIngest {
  private readonly decoding = new Decoding();
  private readonly inFlight = new InFlight();
  /** Parts of requests; answered by how many spans are beyond what is kept of a trace. */
  private readonly batcher: Batcher<readonly SentTrace[], number>;

  constructor(private readonly deps: TraceIngestDeps) {
    this.batcher = transactionBatcher({
      run: (tenantId, parts) => this.keep(tenantId, parts),
      weigh: (part) => part.reduce((sum, { size }) => sum + size, 0),
      maxWeight: MAX_PART,
    });
  }

  /**
   * Takes the spans of a request. What is not rejected is durable when this resolves.
   * @param body an ExportTraceServiceRequest; not to be used afterwards
   * @throws AppError VALIDATION_ERROR where it is none; PAYLOAD_TOO_LARGE; UNAVAILABLE when not all could be written
   */
  spans(tenantId: string, body: Uint8Array, encoding: Encoding): Promise<TraceAnswer> {
    return this.inFlight.track(this.take(tenantId, body, encoding));
  }

  private async take(tenantId: string, body: Uint8Array, encoding: Encoding): Promise<TraceAnswer> {
    const bounds = await this.deps.executions.bounds();
    let beyond = 0;
    const refused = await this.decoding.read({ tenantId, body, encoding, bounds }, async (part) => {
      beyond += await this.batcher.submit(tenantId, part);
    });
    const reasons = beyond === 0 ? refused : [...refused, [BEYOND, beyond] as const];
    return {
      rejected: reasons.reduce((sum, [, spans]) => sum + spans, 0),
      message: reasons.map(([reason, spans]) => `${spans} × ${reason}`).join('; '),
    };
  }

  /** Resolves when every request has been answered. */
  drain(): Promise<void> {
    return this.inFlight.drain();
  }

  /** Ends what runs beside the process; what comes afterwards is refused. */
  close(): Promise<void> {
    return this.decoding.close();
  }

  /** @returns by request how many spans are beyond what is kept of a trace */
  private async keep(tenantId: string, requests: readonly (readonly SentTrace[])[]): Promise<number[]> {
    const { executions, registry } = this.deps;
    const received = requests.map((sent) =>
      sent.map(({ traceId, json }) => ({ traceId, json, spans: JSON.parse(json) as Span[] })),
    );
    const register = (agents: readonly NamedAgent[]): Promise<void> =>
      available(() => registry.register(tenantId, agents));
    await register([]);
    // Whose an execution is shows only once all of its spans are read. New agents are rare: then it begins again.
    for (const registered = new Set<string | null>(); ;) {
      try {
        const { beyond, agents, accepted } = await executions.transaction(tenantId, (client, prices) =>
          this.write(client, tenantId, received, prices, registered),
        );
        await register(agents);
        await registry.rename(tenantId, accepted);
        return beyond;
      } catch (error) {
        if (!(error instanceof Strangers)) throw error;
        await register(error.agents);
        for (const { agentId } of error.agents) registered.add(agentId);
      }
    }
  }

  /**
   * Keeps the spans and recomputes their executions.
   * @param registered agents that need not be asked for
   * @returns by request how many spans are beyond what is kept of a trace, whose the executions are, and whose of those
   *   that changed something
   * @throws Strangers
   */
  private async write(
    client: PoolClient,
    tenantId: string,
    requests: readonly (readonly ReceivedTrace[])[],
    prices: PriceList,
    registered: ReadonlySet<string | null>,
  ): Promise<{ beyond: number[]; agents: NamedAgent[]; accepted: NamedAgent[] }> {
    const { executions, registry } = this.deps;
    // Taken for new, one that is there shows when it is written; then the transaction is repeated.
    const kept = executions.isResending(tenantId)
      ? await lockTraces(client, tenantId, idsOf(requests))
      : new Map<string, Trace>();
    const { traces, same, beyond } = mergeTraces(kept, requests);
    // First, because a trace that was there already has spans that say more of it.
    await writeTraces(client, tenantId, traces, kept);
    const found = executionsOf(traces);
    // Of those that stay as well: whoever sends again may do so because an agent was not named.
    const agents = [...found, ...executionsOf(same)].map(agentOf);
    const isKnown = ({ agentId }: NamedAgent): boolean =>
      agentId === null || registered.has(agentId) || registry.knows(tenantId, agentId);
    if (!agents.every(isKnown)) throw new Strangers(agents);
    const accepted = await executions.apply(client, tenantId, [found], prices);
    return { beyond, agents, accepted: accepted.flat().map(agentOf) };
  }
}

const executionsOf = (traces: ReadonlyMap<string, Trace>): Execution[] =>
  [...traces].flatMap(([id, { spans }]) => executionOf(id, spans) ?? []);

const idsOf = (requests: readonly (readonly ReceivedTrace[])[]): string[] => [
  ...new Set(requests.flatMap((received) => received.map(({ traceId }) => traceId))),
];
