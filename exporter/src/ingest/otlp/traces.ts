/** Ingest of spans: stores them and recomputes their executions from all spans of each trace. */
import type { PoolClient } from 'pg';
import type { Capture } from '../../config.js';
import type { Batcher } from '../../queues/batcher.js';
import { InFlight } from '../../queues/in-flight.js';
import { available } from '../available.js';
import type { Content } from '../content.js';
import type { Execution } from '../../facts/execution/execution.js';
import { agentOf, type ExecutionIngest, type IngestTransaction } from '../executions/executions.js';
import { Pauses } from '../../pause.js';
import type { NamedAgent, Registry } from '../../tenants/registry.js';
import { transactionBatcher } from '../transactions.js';
import { Decoding } from './decoding.js';
import { agentIdsIn } from './agent.js';
import { executionsIn } from './execution.js';
import { type KeptTrace, lockTraces, mergeTraces, refusedBy, type Trace, writeTraces } from './kept.js';
import type { Beyond } from './merge.js';
import { type Encoding, MAX_PART, type SentTrace } from './sent.js';
import { removeStale } from './stale.js';

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

/** These agents have to be registered, or named, before their executions can be written. */
class UnknownAgents extends Error {
  constructor(readonly agents: readonly NamedAgent[]) {
    super('agents are not registered yet');
  }
}

/** Agents that have been registered for what is written now, or named. */
class Registered {
  readonly ids = new Set<string | null>();
  /** Those that were not known before. */
  readonly fresh = new Set<string | null>();
}

export class TraceIngest {
  private readonly decoding = new Decoding();
  private readonly inFlight = new InFlight();
  /** Takes parts of requests. Answers with the numbers of spans that exceed the limits of a trace. */
  private readonly batcher: Batcher<readonly SentTrace[], Beyond>;

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
    const beyond: Beyond = { spans: 0, size: 0 };
    const request = { tenantId, body, encoding, bounds, content: { capture, patterns } };
    const refused = await this.decoding.read(request, async (part) => {
      const { spans, size } = await this.batcher.submit(tenantId, part);
      beyond.spans += spans;
      beyond.size += size;
    });
    const reasons = [...refused, ...refusedBy(beyond)];
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

  /** @returns for each request which of its spans exceed the limits of a trace */
  private async keep(tenantId: string, requests: readonly (readonly SentTrace[])[]): Promise<Beyond[]> {
    const { executions, registry } = this.deps;
    const register = (agents: readonly NamedAgent[]): Promise<void> =>
      available(() => registry.register(tenantId, agents));
    await register([]);
    // The agent of an execution is only known after all spans were read. If it is new, which is rare, start again.
    for (const registered = new Registered(); ;) {
      try {
        const { beyond, accepted } = await executions.transaction(tenantId, (transaction) =>
          this.write(transaction, tenantId, requests, registered),
        );
        await registry.rename(tenantId, accepted);
        return beyond;
      } catch (error) {
        if (!(error instanceof UnknownAgents)) throw error;
        await register(error.agents);
        for (const { agentId } of error.agents) registered.ids.add(agentId);
      }
    }
  }

  /**
   * Stores the spans and recomputes the executions of traces that have changed.
   * @returns for each request which of its spans exceed the limits of a trace, and the agents of the executions that
   *   changed
   * @throws UnknownAgents
   */
  private async write(
    transaction: IngestTransaction,
    tenantId: string,
    requests: readonly (readonly SentTrace[])[],
    registered: Registered,
  ): Promise<{ beyond: Beyond[]; accepted: NamedAgent[] }> {
    const { executions, registry } = this.deps;
    const { client } = transaction;
    // Otherwise all traces are assumed to be new. If one is not, writing fails and the transaction is repeated.
    const kept = executions.isResending(tenantId)
      ? await lockTraces(client, tenantId, idsOf(requests))
      : new Map<string, KeptTrace>();
    const { traces, beyond } = await mergeTraces(kept, requests);
    if (traces.size === 0) return { beyond, accepted: [] };
    const known = await this.knownIn(client, tenantId, traces, registered);
    const read = await readTraces(traces, known);
    const writing = writeTraces(client, tenantId, new Map(read.map(({ id, trace }) => [id, trace])), kept);
    const found = read.flatMap((trace) => trace.executions);
    const missing = found
      .map(agentOf)
      .filter((agent) => !registered.ids.has(agent.agentId) && registry.lacks(tenantId, agent));
    if (missing.length > 0) {
      // This fails if a trace exists whose stored spans are needed as well: then the agents may be others.
      await writing;
      for (const { agentId } of missing) if (!known.has(agentId!)) registered.fresh.add(agentId);
      throw new UnknownAgents(missing);
    }
    // The executions are made ready while the traces are written. Statements of a connection keep their order.
    const [accepted] = await bothOf(executions.apply(transaction, tenantId, [found]), writing);
    await removeStale(client, tenantId, readAgain(traces, kept), found);
    await registry.forget(client, tenantId, unnamedNoMore(read, kept));
    return { beyond, accepted: accepted.flat().map(agentOf) };
  }

  /** Ids in these traces of agents that are known otherwise than from what is written now. */
  private async knownIn(
    client: PoolClient,
    tenantId: string,
    traces: ReadonlyMap<string, Trace>,
    registered: Registered,
  ): Promise<ReadonlySet<string>> {
    const ids = new Set([...traces.values()].flatMap(({ spans }) => [...agentIdsIn(spans)]));
    const known = await this.deps.registry.registered(client, tenantId, ids);
    return new Set([...known].filter((id) => !registered.fresh.has(id)));
  }
}

/** Waits for both even if one fails, because they use the same connection. The second one's error is the reason. */
async function bothOf<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  const written = await second;
  return [await first, written];
}

interface ReadTrace {
  id: string;
  trace: Trace;
  executions: Execution[];
}

async function readTraces(
  traces: ReadonlyMap<string, Trace>,
  known: ReadonlySet<string>,
): Promise<ReadTrace[]> {
  const read: ReadTrace[] = [];
  const pauses = new Pauses();
  for (const [id, trace] of traces) {
    const { spans, unnamedAgents } = trace;
    // What a trace itself has registered says nothing of it.
    const isKnown = (agentId: string): boolean => known.has(agentId) && !unnamedAgents.includes(agentId);
    const executions: Execution[] = [];
    for (const execution of executionsIn(id, spans, isKnown)) {
      if (execution !== undefined) executions.push(execution);
      if (pauses.isDue) await pauses.take();
    }
    const ids = agentIdsIn(spans);
    const unnamed = executions
      .map(agentOf)
      .flatMap(({ agentId, agentName }) =>
        agentId !== null && agentName === null && ids.has(agentId) && !isKnown(agentId) ? agentId : [],
      );
    read.push({ id, trace: { ...trace, unnamedAgents: [...new Set(unnamed)] }, executions });
  }
  return read;
}

/** Ids that traces have registered as agents, and that have given way to a name. */
const unnamedNoMore = (read: readonly ReadTrace[], kept: ReadonlyMap<string, KeptTrace>): string[] =>
  read.flatMap(({ id, trace: { unnamedAgents } }) =>
    (kept.get(id)?.unnamedAgents ?? []).filter((agentId) => !unnamedAgents.includes(agentId)),
  );

/** Those of the traces that were stored before. */
const readAgain = (traces: ReadonlyMap<string, Trace>, kept: ReadonlyMap<string, KeptTrace>) =>
  new Map([...traces].filter(([id]) => kept.has(id)));

const idsOf = (requests: readonly (readonly SentTrace[])[]): string[] => [
  ...new Set(requests.flatMap((received) => received.map(({ traceId }) => traceId))),
];
