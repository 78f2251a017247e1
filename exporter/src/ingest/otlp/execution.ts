/** All spans of a trace as one execution: the same whatever their order, however often and in whichever pieces they came. */
import { formatUsd, parseUsd } from '../../costs/money.js';
import type { Tokens } from '../../costs/tokens.js';
import { cutBytes, cutCharacters, type Execution, type Step, type Usage } from '../executions/parse.js';
import type { ExecutionStatus } from '../executions/schema.js';
import { type Fields, idFrom } from './mapping.js';

export interface Span {
  spanId: string;
  parentSpanId: string | null;
  name: string;
  /** Milliseconds. */
  start: number;
  end: number;
  status: 'ok' | 'error' | null;
  statusMessage: string | null;
  fields: Fields;
}

/** A span with its place in the trace. */
interface Node extends Span {
  parent: Node | undefined;
  children: Node[];
}

/** Undefined where no span has anything to do with a model. */
export function executionOf(traceId: string, spans: readonly Span[]): Execution | undefined {
  const nodes = treeOf(spans);
  const genAi = nodes.filter(({ fields }) => fields.role !== undefined);
  if (genAi.length === 0) return undefined;
  const agent = outermost(genAi, 'agent');
  const workflow = outermost(genAi, 'workflow');
  const top =
    workflow ?? agent ?? genAi.find((node) => !genAi.some((other) => other === node.parent)) ?? genAi[0]!;
  const first = <K extends keyof Fields>(field: K): Fields[K] =>
    [top, ...nodes].find(({ fields }) => fields[field] !== undefined)?.fields[field];
  const startedAt = Math.min(...genAi.map(({ start }) => start));
  const completedAt = Math.max(...genAi.map(({ end }) => end));
  const failed = top.status === 'error' ? (deepestFailure(top) ?? top) : undefined;
  const usages = usagesOf(genAi, agent);
  const agentName = agent?.fields.agentName ?? (agent === undefined ? first('agentName') : undefined);
  const agentId = idFrom(
    agent?.fields.agentId ?? (agent === undefined ? first('agentId') : undefined) ?? agentName,
  );
  return {
    id: traceId,
    agentName: agentId === null ? null : (agentName ?? null),
    header: {
      requestId: null,
      sessionId: idFrom(first('session')),
      agentId,
      agentType: null,
      flowId: idFrom(workflow?.fields.workflow ?? first('workflow')),
      userId: idFrom(first('user')),
      provider: null,
      model: null,
      status: statusOf(failed),
      startedAt,
      completedAt,
      executionTimeMs: completedAt - startedAt,
      llmTimeMs: usages.reduce((sum, { node }) => sum + (node.end - node.start), 0),
      tokens: null,
      reportedCost: null,
      queryPreview: cutCharacters(top.fields.input ?? null),
      errorType: failed === undefined ? null : (failed.fields.errorType ?? top.fields.errorType ?? null),
      errorMessage: failed?.statusMessage ?? top.statusMessage ?? null,
      tags: [],
      reservationId: null,
    },
    steps: genAi.filter(({ fields }) => fields.role === 'tool').map(stepOf),
    usages: usages.map(({ usage }) => usage),
  };
}

/** In the order of time; what began at once in the order of the ids. */
function treeOf(spans: readonly Span[]): Node[] {
  const nodes = [...spans]
    .sort((a, b) => a.start - b.start || (a.spanId < b.spanId ? -1 : 1))
    .map((span): Node => ({ ...span, parent: undefined, children: [] }));
  const byId = new Map(nodes.map((node) => [node.spanId, node]));
  for (const node of nodes) {
    const parent = node.parentSpanId === null ? undefined : byId.get(node.parentSpanId);
    if (parent === undefined || descendsFrom(parent, node)) continue;
    node.parent = parent;
    parent.children.push(node);
  }
  return nodes;
}

/** A circle of parents, which nobody should send, must not be walked for ever. */
function descendsFrom(node: Node, ancestor: Node): boolean {
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) if (at === ancestor) return true;
  return false;
}

function outermost(nodes: readonly Node[], role: Fields['role']): Node | undefined {
  const depth = (node: Node): number => (node.parent === undefined ? 0 : 1 + depth(node.parent));
  return nodes
    .filter(({ fields }) => fields.role === role)
    .reduce<Node | undefined>(
      (least, node) => (least === undefined || depth(node) < depth(least) ? node : least),
      undefined,
    );
}

function statusOf(failed: Node | undefined): ExecutionStatus {
  if (failed === undefined) return 'success';
  return /time_?d?[ -]?out/i.test(`${failed.fields.errorType ?? ''} ${failed.statusMessage ?? ''}`)
    ? 'timeout'
    : 'failure';
}

/** What went wrong first of all, below the span that says that it did. */
function deepestFailure(node: Node): Node | undefined {
  const below = node.children.find(({ status }) => status === 'error');
  return below === undefined ? undefined : (deepestFailure(below) ?? below);
}

const hasTokens = ({ fields }: Node): boolean =>
  fields.inputTokens !== undefined || fields.outputTokens !== undefined || fields.costUsd !== undefined;
const hasTokensBelow = (node: Node): boolean =>
  node.children.some((child) => hasTokens(child) || hasTokensBelow(child));

/** The calls of models. A span above them that repeats their tokens adds nothing. */
function usagesOf(nodes: readonly Node[], main: Node | undefined): { node: Node; usage: Usage }[] {
  return nodes
    .filter((node) => (node.fields.role === 'model' || hasTokens(node)) && !hasTokensBelow(node))
    .map((node) => {
      const { fields, spanId } = node;
      const usage: Usage = {
        key: `id ${spanId}`,
        usageId: spanId,
        component: componentOf(node, main),
        provider: fields.provider ?? null,
        model: fields.model ?? null,
        tokens: tokensOf(fields),
        reportedCost: fields.costUsd === undefined ? null : formatUsd(parseUsd(fields.costUsd)),
        stepNumber: null,
      };
      return { node, usage };
    });
}

/** Whose call it was: that of the nearest tool or agent above it. */
function componentOf(node: Node, main: Node | undefined): string {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (at.fields.role === 'tool') return 'tool_call';
    if (at.fields.role === 'agent') return at === main ? 'main_agent' : 'sub_agent';
  }
  return 'main_agent';
}

/** Input holds the cached tokens; an instrumentation that left them out of it shows by their sum being larger. */
function tokensOf(fields: Fields): Tokens {
  const {
    inputTokens = 0,
    outputTokens = 0,
    cachedInputTokens = 0,
    cacheWriteTokens = 0,
    reasoningTokens = 0,
  } = fields;
  const cached = cachedInputTokens + cacheWriteTokens;
  return {
    input: cached > inputTokens ? inputTokens + cached : inputTokens,
    output: Math.max(outputTokens, reasoningTokens),
    cachedInput: cachedInputTokens,
    cacheWrite: cacheWriteTokens,
    reasoning: reasoningTokens,
  };
}

function stepOf({ fields, start, end, status }: Node, i: number): Step {
  const content = [fields.input, fields.output].filter((text) => text !== undefined).join('\n→ ');
  return {
    stepNumber: i + 1,
    stepType: 'tool_call',
    content: cutBytes(content === '' ? null : content),
    toolName: fields.tool ?? null,
    status: status === 'error' ? 'failure' : 'success',
    inputTokens: 0,
    outputTokens: 0,
    durationMs: end - start,
    occurredAt: start,
  };
}
