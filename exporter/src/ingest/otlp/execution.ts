/** Converts the spans of a trace to executions. The order of the spans does not matter. */
import { cutBytes, cutCharacters } from '../../facts/cut.js';
import {
  type Execution,
  NO_HEADER,
  NO_STEP,
  NO_USAGE,
  type Step,
  SUM_KEY,
  type Usage,
} from '../../facts/execution/execution.js';
import { NO_TOKENS } from '../../facts/tokens.js';
import { uuidv5 } from '../../ids.js';
import { agentOf } from './agent.js';
import { type Call, callsOf } from './calls.js';
import type { Fields } from './mapping.js';
import { agentNameOf, type Run, runsOf, scopesOf } from './runs.js';
import { Causes, outcomeOf } from './status.js';
import { type Node, type Span, topDown, treeOf } from './tree.js';
import { idFrom } from './values.js';

/** What a run has of itself, of the run that called it, or else of any span of its trace. */
interface Context {
  session: string | undefined;
  user: string | undefined;
  environment: string | undefined;
  serviceName: string | undefined;
  serviceVersion: string | undefined;
}

/** One execution for each run of the trace, the outermost first. */
export function executionsOf(
  traceId: string,
  spans: readonly Span[],
  isKnownAgent: (id: string) => boolean,
): Execution[] {
  return [...executionsIn(traceId, spans, isKnownAgent)].filter((execution) => execution !== undefined);
}

/**
 * The same as a generator, so that the caller can let other work go on between them, and wherever it gives undefined: it
 * takes some time until the runs of a large trace are known.
 * @param traceId as a UUID
 * @param isKnownAgent whether an agent with this id is registered
 */
export function* executionsIn(
  traceId: string,
  spans: readonly Span[],
  isKnownAgent: (id: string) => boolean,
): Generator<Execution | undefined> {
  const nodes = treeOf(spans);
  yield;
  const order = topDown(nodes);
  const scopes = yield* scopesOf(order);
  yield;
  const calls = yield* callsOf(order, scopes);
  yield;
  const runs = runsOf(order, calls);
  yield;
  const causes = new Causes(order);
  const components = componentsOf(order, runs);
  yield;
  const ofTrace = contextOf(nodes, undefined, undefined);
  const read = new Map<Run, { id: string; context: Context }>();
  for (const run of runs) {
    const called = run.parent && read.get(run.parent)!;
    const id = read.size === 0 ? traceId : executionIdOf(traceId, (run.agent ?? run.top).spanId);
    const context = contextOf(run.nodes, run.agent?.fields, called?.context ?? ofTrace);
    read.set(run, { id, context });
    const agent = agentOf(run, isKnownAgent);
    const { start, end } = timesOf(run);
    const { status, errorType, errorMessage } = outcomeOf(run, causes);
    const question = questionIn(run);
    const steps = yield* inParts(
      run.nodes.filter(({ fields }) => fields.role === 'tool'),
      stepOf,
    );
    const usages = yield* inParts(run.calls, (call) => usageOf(call, components.get(call.node)!));
    yield {
      id,
      agentName: agent.id === null ? null : agent.name,
      header: {
        ...NO_HEADER,
        // A run without model calls has used no tokens and costs nothing.
        tokens: run.calls.length === 0 ? NO_TOKENS : null,
        session_id: idFrom(context.session),
        agent_id: agent.id,
        flow_id: idFrom(run.flow ?? workflowIn(run)),
        user_id: idFrom(context.user),
        status,
        started_at: Math.floor(start),
        completed_at: Math.floor(end),
        execution_time_ms: toMicroseconds(end - start),
        llm_time_ms: toMicroseconds(run.calls.reduce((sum, { node }) => sum + (node.end - node.start), 0)),
        trace_id: traceId.replaceAll('-', ''),
        parent_execution_id: called?.id ?? null,
        environment: context.environment ?? null,
        service_name: context.serviceName ?? null,
        service_version: context.serviceVersion ?? null,
        query_preview: question === undefined ? null : cutCharacters(question),
        error_type: errorType,
        error_message: errorMessage,
      },
      steps,
      usages,
    };
  }
}

/** Elements after which other work can go on. */
const PART = 500;

/** The elements, mapped. Gives undefined wherever other work can go on. */
function* inParts<T, R>(items: readonly T[], map: (item: T, i: number) => R): Generator<undefined, R[]> {
  const mapped: R[] = [];
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % PART === 0) yield;
    mapped.push(map(item, i));
  }
  return mapped;
}

/** The id of a run that is not the first one of its trace. */
export const executionIdOf = (traceId: string, spanId: string): string => uuidv5(traceId, spanId);

/** The first of the spans that has a value gives it, the agent before the others. */
function contextOf(nodes: readonly Node[], agent: Fields | undefined, outer: Context | undefined): Context {
  const first = (name: keyof Context): string | undefined =>
    agent?.[name] ?? nodes.find(({ fields }) => fields[name] !== undefined)?.fields[name] ?? outer?.[name];
  return {
    session: first('session'),
    user: first('user'),
    environment: first('environment'),
    serviceName: first('serviceName'),
    serviceVersion: first('serviceVersion'),
  };
}

function timesOf({ nodes }: Run): { start: number; end: number } {
  const { start } = nodes[0]!;
  return { start, end: nodes.reduce((latest, node) => Math.max(latest, node.end), start) };
}

/** Some instrumentations name the workflow on the spans inside it. */
function workflowIn({ agent, nodes }: Run): string | undefined {
  const name = agent && agentNameOf(agent);
  return nodes.find(({ fields }) => fields.workflow !== undefined && fields.workflow !== name)?.fields
    .workflow;
}

/** The input of the agent, or of the first span that has one. A tool's input is not a question. */
const questionIn = ({ top, agent, nodes }: Run): string | undefined =>
  top.fields.input ??
  agent?.fields.input ??
  nodes.find(({ fields }) => fields.role !== 'tool' && fields.input !== undefined)?.fields.input;

/** Rounds milliseconds to the precision of the wire format, because their difference has rounding errors. */
const toMicroseconds = (milliseconds: number): number => Math.round(milliseconds * 1_000) / 1_000;

/** The component of each span: a tool's, if one of its run has invoked it. */
function componentsOf(order: readonly Node[], runs: readonly Run[]): Map<Node, string> {
  const agents = new Set(runs.map(({ agent }) => agent));
  const components = new Map<Node, string>();
  for (const node of order) {
    const { parent } = node;
    const outer = parent && !agents.has(parent) ? components.get(parent) : undefined;
    components.set(node, parent?.fields.role === 'tool' ? 'tool_call' : (outer ?? 'main_agent'));
  }
  return components;
}

/** Of other spans, such as those of agents, the usage is the sum of calls that were not sent. */
const isCall = ({ fields: { role } }: Node): boolean => role === 'model' || role === 'counted';

const usageOf = ({ node, metered }: Call, component: string): Usage => ({
  ...NO_USAGE,
  usage_key: `${isCall(node) ? 'id ' : SUM_KEY}${node.spanId}`,
  usage_id: node.spanId,
  component,
  ...metered,
  // A call that failed has used none, unless it says so.
  has_tokens: metered.has_tokens || node.status === 'error',
});

function stepOf({ fields, start, end, status }: Node, i: number): Step {
  const content = [fields.input, fields.output].filter((text) => text !== undefined).join('\n→ ');
  return {
    ...NO_STEP,
    step_number: i + 1,
    step_type: 'tool_call',
    content: content === '' ? null : cutBytes(content),
    tool_name: fields.tool ?? null,
    status: status === 'error' ? 'failure' : 'success',
    duration_ms: toMicroseconds(end - start),
    occurred_at: Math.floor(start),
  };
}
