/** Ingest of spans: stores them and recomputes their executions from all spans of each trace. */
import type { PoolClient } from 'pg';
import type { Capture } from '../../config.js';
import type { PriceList } from '../../costs/prices.js';
import type { Batcher } from '../../queues/batcher.js';
import { InFlight } from '../../queues/in-flight.js';
import { available } from '../available.js';
import type { Content } from '../content.js';
import type { Execution } from '../../facts/execution/execution.js';
import { agentOf, type ExecutionIngest } from '../executions/executions.js';
import { Pauses } from '../../pause.js';
import type { NamedAgent, Registry } from '../../tenants/registry.js';
import { transactionBatcher } from '../transactions.js';
import { Decoding } from './decoding.js';
import { agentIdsIn } from './agent.js';
import { executionsOf } from './execution.js';
import { lockTraces, mergeTraces, type ReceivedTrace, type Trace, writeTraces } from './kept.js';
import { MAX_SPANS_PER_TRACE } from './merge.js';
import { type Encoding, MAX_PART, type SentTrace } from './sent.js';
import { removeStale } from './stale.js';
import type { Span } from './tree.js';

export interface TraceAnswer {
  rejected: number;
  /** The reasons, each with the number of spans. */
  message: string;
}

export interface TraceIngestDeps {
  content: Content;
  registry: Registry;
  executions: ExecutionIngest;
}

const BEYOND = `a span beyond the ${MAX_SPANS_PER_TRACE} of one trace`;

/** These agents have to be registered before their executions can be written. */
class UnknownAgents extends Error {
  constructor(readonly agents: readonly NamedAgent[]) {
    super('agents are not registered yet');
  }
}

export class TraceIngest {
  private readonly decoding = new Decoding();
  private readonly inFlight = new InFlight();
  /** Takes parts of requests. Answers with the number of spans beyond the maximum per trace. */
  private readonly batcher: Batcher<readonly SentTrace[], number>;

  constructor(private readonly deps: TraceIngestDeps) {
    this.batcher = transactionBatcher({
      run: (tenantId, parts) => this.keep(tenantId, parts),
      weigh: (part) => part.reduce((sum, { size }) => sum + size, 0),
      maxWeight: MAX_PART,
    });
  }

  /**
   * Takes the spans of a request. When this resolves, all spans that were not rejected are durable.
   * @param body an ExportTraceServiceRequest; must not be used afterwards
   * @param allowed what the sender allows to be kept of content
   * @throws AppError VALIDATION_ERROR if the body is not one; PAYLOAD_TOO_LARGE; UNAVAILABLE if not all could be written
   */
  spans(tenantId: string, body: Uint8Array, encoding: Encoding, allowed?: Capture): Promise<TraceAnswer> {
    const content = this.deps.content.upTo(allowed);
    return this.inFlight.track(this.take(tenantId, body, encoding, content));
  }

  private async take(
    tenantId: string,
    body: Uint8Array,
    encoding: Encoding,
    { capture, patterns }: Content,
  ): Promise<TraceAnswer> {
    const bounds = await this.deps.executions.bounds();
    let beyond = 0;
    const request = { tenantId, body, encoding, bounds, content: { capture, patterns } };
    const refused = await this.decoding.read(request, async (part) => {
      beyond += await this.batcher.submit(tenantId, part);
    });
    const reasons = beyond === 0 ? refused : [...refused, [BEYOND, beyond] as const];
    return {
      rejected: reasons.reduce((sum, [, spans]) => sum + spans, 0),
      message: reasons.map(([reason, spans]) => `${spans} × ${reason}`).join('; '),
    };
  }

  /** Resolves when all requests have been answered. */
  drain(): Promise<void> {
    return this.inFlight.drain();
  }

  /** Terminates the worker thread. Later requests are refused. */
  close(): Promise<void> {
    return this.decoding.close();
  }

  /** @returns for each request the number of spans beyond the maximum per trace */
  private async keep(tenantId: string, requests: readonly (readonly SentTrace[])[]): Promise<number[]> {
    const { executions, registry } = this.deps;
    const received = requests.map((sent) =>
      sent.map(({ traceId, json }) => ({ traceId, json, spans: JSON.parse(json) as Span[] })),
    );
    const register = (agents: readonly NamedAgent[]): Promise<void> =>
      available(() => registry.register(tenantId, agents));
    await register([]);
    // The agent of an execution is only known after all spans were read. If it is new, which is rare, start again.
    for (const registered = new Set<string | null>(); ;) {
      try {
        const { beyond, agents, accepted } = await executions.transaction(tenantId, (client, prices) =>
          this.write(client, tenantId, received, prices, registered),
        );
        await register(agents);
        await registry.rename(tenantId, accepted);
        return beyond;
      } catch (error) {
        if (!(error instanceof UnknownAgents)) throw error;
        await register(error.agents);
        for (const { agentId } of error.agents) registered.add(agentId);
      }
    }
  }

  /**
   * Stores the spans and recomputes their executions.
   * @param registered agents that are known to be registered
   * @returns for each request the number of spans beyond the maximum per trace, the agents of all executions, and those
   *   of the executions that changed
   * @throws UnknownAgents
   */
  private async write(
    client: PoolClient,
    tenantId: string,
    requests: readonly (readonly ReceivedTrace[])[],
    prices: PriceList,
    registered: ReadonlySet<string | null>,
  ): Promise<{ beyond: number[]; agents: NamedAgent[]; accepted: NamedAgent[] }> {
    const { executions, registry } = this.deps;
    // Otherwise all traces are assumed to be new. If one is not, writing fails and the transaction is repeated.
    const kept = executions.isResending(tenantId)
      ? await lockTraces(client, tenantId, idsOf(requests))
      : new Map<string, Trace>();
    const { traces, same, beyond } = mergeTraces(kept, requests);
    // First, because this fails if a trace exists whose stored spans are needed as well.
    await writeTraces(client, tenantId, traces, kept);
    const known = await registry.registered(client, tenantId, agentIdsIn([traces, same]));
    const found = await executionsIn(traces, known);
    // Including unchanged traces: the request may have been repeated because an agent's name was not stored.
    const agents = [...found, ...(await executionsIn(same, known))].map(agentOf);
    const isKnown = ({ agentId }: NamedAgent): boolean =>
      agentId === null || registered.has(agentId) || registry.knows(tenantId, agentId);
    if (!agents.every(isKnown)) throw new UnknownAgents(agents);
    const accepted = await executions.apply(client, tenantId, [found], prices);
    await removeStale(client, tenantId, readAgain(traces, kept), found);
    return { beyond, agents, accepted: accepted.flat().map(agentOf) };
  }
}

async function executionsIn(
  traces: ReadonlyMap<string, Trace>,
  known: ReadonlySet<string>,
): Promise<Execution[]> {
  const found: Execution[] = [];
  const pauses = new Pauses();
  for (const [id, { spans }] of traces) {
    for (const execution of executionsOf(id, spans, (agentId) => known.has(agentId))) {
      found.push(execution);
      if (pauses.isDue) await pauses.take();
    }
  }
  return found;
}

/** Those of the traces that were stored before. */
const readAgain = (traces: ReadonlyMap<string, Trace>, kept: ReadonlyMap<string, Trace>) =>
  new Map([...traces].filter(([id]) => kept.has(id)));

const idsOf = (requests: readonly (readonly ReceivedTrace[])[]): string[] => [
  ...new Set(requests.flatMap((received) => received.map(({ traceId }) => traceId))),
];
