/** Converts the spans of a trace to an execution. The order of the spans does not matter. */
import { cutBytes, cutCharacters } from '../../facts/cut.js';
import type { ExecutionStatus } from '../../facts/execution/columns.js';
import {
  type Execution,
  NO_HEADER,
  NO_STEP,
  NO_USAGE,
  type Step,
  type Usage,
} from '../../facts/execution/execution.js';
import type { Fields } from './mapping.js';
import { meteredOf } from './tokens.js';
import { byTime, type Node, type Span, topDown, treeOf } from './tree.js';
import { idFrom } from './values.js';

const isGenAi = ({ fields }: Span): boolean => fields.role !== undefined;

/** Undefined if the trace has no GenAI spans. */
export function executionOf(traceId: string, spans: readonly Span[]): Execution | undefined {
  const nodes = treeOf(spans);
  const genAi = nodes.filter(isGenAi);
  if (genAi.length === 0) return undefined;
  const [agents, workflows] = (['agent', 'workflow'] as const).map((role) =>
    genAi.filter(({ fields }) => fields.role === role),
  ) as [Node[], Node[]];
  const [agent] = outermostOf(agents);
  const [workflow] = outermostOf(workflows);
  const tops = outermostOf(agents.length + workflows.length > 0 ? [...workflows, ...agents] : genAi);
  const top = tops[0]!;
  const first = <K extends keyof Fields>(field: K): Fields[K] =>
    top.fields[field] ?? nodes.find(({ fields }) => fields[field] !== undefined)?.fields[field];
  const { start } = genAi[0]!;
  const end = genAi.reduce((latest, node) => Math.max(latest, node.end), start);
  const last = tops.reduce((latest, node) => (node.end >= latest.end ? node : latest), top);
  const failed = last.status === 'error' ? deepestFailure(last) : undefined;
  const usages = usagesOf(nodes, agent);
  const agentName = agent?.fields.agentName ?? (agent === undefined ? first('agentName') : undefined);
  const agentId = idFrom(
    agent?.fields.agentId ?? (agent === undefined ? first('agentId') : undefined) ?? agentName,
  );
  const question = top.fields.input ?? queryOf(genAi);
  return {
    id: traceId,
    agentName: agentId === null ? null : (agentName ?? null),
    header: {
      ...NO_HEADER,
      session_id: idFrom(first('session')),
      agent_id: agentId,
      flow_id: idFrom(workflow?.fields.workflow ?? first('workflow')),
      user_id: idFrom(first('user')),
      status: statusOf(failed),
      started_at: Math.floor(start),
      completed_at: Math.floor(end),
      execution_time_ms: toMicroseconds(end - start),
      llm_time_ms: toMicroseconds(usages.reduce((sum, { node }) => sum + (node.end - node.start), 0)),
      trace_id: traceId.replaceAll('-', ''),
      environment: first('environment') ?? null,
      service_name: first('serviceName') ?? null,
      service_version: first('serviceVersion') ?? null,
      query_preview: question === null ? null : cutCharacters(question),
      error_type: failed === undefined ? null : (failed.fields.errorType ?? last.fields.errorType ?? null),
      error_message: failed === undefined ? null : (failed.statusMessage ?? last.statusMessage ?? null),
    },
    steps: genAi.filter(({ fields }) => fields.role === 'tool').map(stepOf),
    usages: usages.map(({ usage }) => usage),
  };
}

/** The nodes at the lowest depth, in time order. */
function outermostOf(nodes: readonly Node[]): Node[] {
  const depth = nodes.reduce((least, node) => Math.min(least, node.depth), Infinity);
  return nodes.filter((node) => node.depth === depth).sort(byTime);
}

/** Rounds milliseconds to the precision of the wire format, because their difference has rounding errors. */
const toMicroseconds = (milliseconds: number): number => Math.round(milliseconds * 1_000) / 1_000;

/** The input of the first span that has one. A tool's input is not a query. */
const queryOf = (nodes: readonly Node[]): string | null =>
  nodes.find(({ fields }) => fields.role !== 'tool' && fields.input !== undefined)?.fields.input ?? null;

function statusOf(failed: Node | undefined): ExecutionStatus {
  if (failed === undefined) return 'success';
  return /time_?d?[ -]?out|deadline[ _]?exceeded/i.test(
    `${failed.fields.errorType ?? ''} ${failed.statusMessage ?? ''}`,
  )
    ? 'timeout'
    : 'failure';
}

/** The deepest failed span below a failed span, as the cause of the failure; the span itself if there is none. */
function deepestFailure(top: Node): Node {
  let failed = top;
  for (let below: Node | undefined = top; below !== undefined;) {
    failed = below;
    below =
      failed.children.find(({ status }) => status === 'error') ??
      (hasReason(failed) || hasReason(top) ? undefined : failedBelowUnset(failed));
  }
  return failed;
}

const hasReason = ({ fields, statusMessage }: Node): boolean =>
  fields.errorType !== undefined || statusMessage != null;

/** The first failed span below spans whose status is unset: many instrumentations only set the status of failed spans. */
function failedBelowUnset({ children }: Node): Node | undefined {
  let level = children;
  while (level.length > 0) {
    const failed = level.find(({ status }) => status === 'error');
    if (failed !== undefined) return failed;
    level = level.filter(({ status }) => status == null).flatMap((node) => node.children);
  }
  return undefined;
}

const hasTokens = ({ fields }: Node): boolean =>
  [fields.inputTokens, fields.outputTokens, fields.totalTokens, fields.costUsd].some(
    (count) => count !== undefined,
  );

/** Tokens used inside a tool or an agent that a model called are not included in the model's own tokens. */
const isToolOrAgent = ({ fields }: Node): boolean => fields.role === 'tool' || fields.role === 'agent';

/** Spans whose tokens are already counted below them: as the sum of several calls, or as the same call reported twice. */
function repeatingOf(order: readonly Node[]): Set<Node> {
  const repeating = new Set<Node>();
  const subtreeHasTokens = new Set<Node>();
  /** Without those inside a tool or an agent. */
  const ownCallsHaveTokens = new Set<Node>();
  for (const node of order.toReversed()) {
    const isCall = node.fields.role === 'model' && hasTokens(node);
    if ((isCall ? ownCallsHaveTokens : subtreeHasTokens).has(node)) repeating.add(node);
    if (node.parent === undefined) continue;
    const counts = isGenAi(node) && hasTokens(node) && !repeating.has(node);
    if (counts || subtreeHasTokens.has(node)) subtreeHasTokens.add(node.parent);
    if ((counts || ownCallsHaveTokens.has(node)) && !isToolOrAgent(node)) ownCallsHaveTokens.add(node.parent);
  }
  return repeating;
}

/** The model calls. Spans that repeat tokens of spans below them are left out. */
function usagesOf(nodes: readonly Node[], main: Node | undefined): { node: Node; usage: Usage }[] {
  const order = topDown(nodes);
  const repeating = repeatingOf(order);
  const components = componentsOf(order, main);
  return nodes
    .filter(
      (node) => isGenAi(node) && (node.fields.role === 'model' || hasTokens(node)) && !repeating.has(node),
    )
    .map((node) => {
      const { fields, spanId } = node;
      const usage: Usage = {
        ...NO_USAGE,
        usage_key: `id ${spanId}`,
        usage_id: spanId,
        component: components.get(node)!,
        ...meteredOf(fields, node.status === 'error'),
      };
      return { node, usage };
    });
}

/** The component of each span: that of the nearest tool or agent above it. */
function componentsOf(order: readonly Node[], main: Node | undefined): Map<Node, string> {
  const components = new Map<Node, string>();
  for (const node of order) {
    const { parent } = node;
    components.set(
      node,
      parent === undefined ? 'main_agent' : (componentOf(parent, main) ?? components.get(parent)!),
    );
  }
  return components;
}

function componentOf(parent: Node, main: Node | undefined): string | undefined {
  if (parent.fields.role === 'tool') return 'tool_call';
  if (parent.fields.role === 'agent') return parent === main ? 'main_agent' : 'sub_agent';
  return undefined;
}

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
