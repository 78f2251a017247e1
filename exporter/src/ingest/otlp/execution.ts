/** All spans of a trace as one execution: the same whatever their order, however often and in whichever pieces they came. */
import { formatUsd, parseUsd } from '../../costs/money.js';
import type { Tokens } from '../../costs/tokens.js';
import { cutBytes, cutCharacters, type Execution, type Step, type Usage } from '../executions/parse.js';
import type { ExecutionStatus } from '../executions/schema.js';
import { type Fields, idFrom } from './mapping.js';
import { type Node, type Span, topDown, treeOf } from './tree.js';

const isGenAi = ({ fields }: Span): boolean => fields.role !== undefined;

/** Undefined where no span has anything to do with a model. */
export function executionOf(traceId: string, spans: readonly Span[]): Execution | undefined {
  const nodes = treeOf(spans);
  const genAi = nodes.filter(isGenAi);
  if (genAi.length === 0) return undefined;
  const [agents, workflows] = (['agent', 'workflow'] as const).map((role) =>
    genAi.filter(({ fields }) => fields.role === role),
  ) as [Node[], Node[]];
  const agent = outermost(agents);
  const workflow = outermost(workflows);
  const top = outermost([...workflows, ...agents]) ?? outermost(genAi)!;
  const first = <K extends keyof Fields>(field: K): Fields[K] =>
    [top, ...nodes].find(({ fields }) => fields[field] !== undefined)?.fields[field];
  const startedAt = genAi[0]!.start;
  const completedAt = genAi.reduce((latest, { end }) => Math.max(latest, end), startedAt);
  const failed = top.status === 'error' ? deepestFailure(top) : undefined;
  const usages = usagesOf(nodes, agent);
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

/** Of those that are equally far out the first in time. */
function outermost(nodes: readonly Node[]): Node | undefined {
  return nodes.reduce<Node | undefined>(
    (least, node) => (least === undefined || node.depth < least.depth ? node : least),
    undefined,
  );
}

function statusOf(failed: Node | undefined): ExecutionStatus {
  if (failed === undefined) return 'success';
  return /time_?d?[ -]?out/i.test(`${failed.fields.errorType ?? ''} ${failed.statusMessage ?? ''}`)
    ? 'timeout'
    : 'failure';
}

/** What went wrong first of all, below the span that says that it did; that span itself where none does. */
function deepestFailure(top: Node): Node {
  let failed = top;
  for (let below: Node | undefined = top; below !== undefined;) {
    failed = below;
    below = failed.children.find(({ status }) => status === 'error');
  }
  return failed;
}

const hasTokens = ({ fields }: Node): boolean =>
  [fields.inputTokens, fields.outputTokens, fields.totalTokens, fields.costUsd].some(
    (count) => count !== undefined,
  );

/** The calls of models. A span above them that repeats their tokens adds nothing. */
function usagesOf(nodes: readonly Node[], main: Node | undefined): { node: Node; usage: Usage }[] {
  const order = topDown(nodes);
  const counted = new Set<Node>();
  for (const node of order.toReversed()) {
    if (node.parent !== undefined && (counted.has(node) || (isGenAi(node) && hasTokens(node)))) {
      counted.add(node.parent);
    }
  }
  const components = componentsOf(order, main);
  return nodes
    .filter(
      (node) => isGenAi(node) && (node.fields.role === 'model' || hasTokens(node)) && !counted.has(node),
    )
    .map((node) => {
      const { fields, spanId } = node;
      const usage: Usage = {
        key: `id ${spanId}`,
        usageId: spanId,
        component: components.get(node)!,
        provider: fields.provider ?? null,
        model: fields.model ?? null,
        tokens: tokensOf(fields),
        reportedCost: fields.costUsd === undefined ? null : formatUsd(parseUsd(fields.costUsd)),
        stepNumber: null,
      };
      return { node, usage };
    });
}

/** Whose calls they are: those of the nearest tool or agent above them. */
function componentsOf(order: readonly Node[], main: Node | undefined): Map<Node, string> {
  const components = new Map<Node, string>();
  for (const node of order) {
    const { parent } = node;
    components.set(
      node,
      parent === undefined ? 'main_agent' : (within(parent, main) ?? components.get(parent)!),
    );
  }
  return components;
}

function within(parent: Node, main: Node | undefined): string | undefined {
  if (parent.fields.role === 'tool') return 'tool_call';
  if (parent.fields.role === 'agent') return parent === main ? 'main_agent' : 'sub_agent';
  return undefined;
}

/**
 * Input holds the cached tokens. An instrumentation that left them out of it shows by its total, or by more cached
 * tokens than input. Of a total and one of its parts comes the other.
 */
function tokensOf(fields: Fields): Tokens {
  const { totalTokens, cachedInputTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = fields;
  const rest = (part = 0): number => Math.max(0, (totalTokens ?? 0) - part);
  // A total alone is input, as it is for embeddings.
  const input = fields.inputTokens ?? rest(fields.outputTokens);
  const output = Math.max(fields.outputTokens ?? rest(input), reasoningTokens);
  const cached = cachedInputTokens + cacheWriteTokens;
  const leftOut = cached > input || (totalTokens !== undefined && totalTokens === input + output + cached);
  return {
    input: leftOut ? input + cached : input,
    output,
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
