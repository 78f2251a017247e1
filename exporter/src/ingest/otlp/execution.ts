/** All spans of a trace as one execution: the same whatever their order, however often and in whichever pieces they came. */
import { formatUsd, parseUsd } from '../../costs/money.js';
import type { Tokens } from '../../costs/tokens.js';
import { cutBytes, cutCharacters } from '../executions/cut.js';
import type { Execution, Step, Usage } from '../executions/execution.js';
import type { ExecutionStatus } from '../executions/schema.js';
import type { Fields } from './mapping.js';
import { byTime, type Node, type Span, topDown, treeOf } from './tree.js';
import { idFrom } from './values.js';

const isGenAi = ({ fields }: Span): boolean => fields.role !== undefined;

/** Undefined where no span has anything to do with a model. */
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
      startedAt: Math.floor(start),
      completedAt: Math.floor(end),
      executionTimeMs: toMicroseconds(end - start),
      llmTimeMs: toMicroseconds(usages.reduce((sum, { node }) => sum + (node.end - node.start), 0)),
      tokens: null,
      reportedCost: null,
      queryPreview: cutCharacters(top.fields.input ?? queryOf(genAi)),
      errorType: failed === undefined ? null : (failed.fields.errorType ?? last.fields.errorType ?? null),
      errorMessage: failed === undefined ? null : (failed.statusMessage ?? last.statusMessage ?? null),
      tags: undefined,
      reservationId: null,
    },
    steps: genAi.filter(({ fields }) => fields.role === 'tool').map(stepOf),
    usages: usages.map(({ usage }) => usage),
  };
}

/** Those with the fewest spans above them, in the order of time. */
function outermostOf(nodes: readonly Node[]): Node[] {
  const depth = nodes.reduce((least, node) => Math.min(least, node.depth), Infinity);
  return nodes.filter((node) => node.depth === depth).sort(byTime);
}

/** Milliseconds without the noise that their difference has beyond what was sent. */
const toMicroseconds = (milliseconds: number): number => Math.round(milliseconds * 1_000) / 1_000;

/** What was asked, of the first that knows; what a tool is given is no query. */
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

/** What went wrong first of all, below the span that says that it did; that span itself where none does. */
function deepestFailure(top: Node): Node {
  let failed = top;
  for (let below: Node | undefined = top; below !== undefined;) {
    failed = below;
    below =
      failed.children.find(({ status }) => status === 'error') ??
      (saysWhy(failed) || saysWhy(top) ? undefined : silentlyBelow(failed));
  }
  return failed;
}

const saysWhy = ({ fields, statusMessage }: Node): boolean =>
  fields.errorType !== undefined || statusMessage != null;

/** The first that failed below spans without an outcome: many instrumentations set one where they ended badly only. */
function silentlyBelow({ children }: Node): Node | undefined {
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

/** Tokens within a tool or an agent that a model called are not the model's own, which it has beside them. */
const isApart = ({ fields }: Node): boolean => fields.role === 'tool' || fields.role === 'agent';

/** Spans whose tokens are counted below them already: they are the sum of calls, or one call seen from further out. */
function repeatingOf(order: readonly Node[]): Set<Node> {
  const repeating = new Set<Node>();
  const above = new Set<Node>();
  const aboveOwn = new Set<Node>();
  for (const node of order.toReversed()) {
    const isCall = node.fields.role === 'model' && hasTokens(node);
    if ((isCall ? aboveOwn : above).has(node)) repeating.add(node);
    if (node.parent === undefined) continue;
    const counts = isGenAi(node) && hasTokens(node) && !repeating.has(node);
    if (counts || above.has(node)) above.add(node.parent);
    if ((counts || aboveOwn.has(node)) && !isApart(node)) aboveOwn.add(node.parent);
  }
  return repeating;
}

/** The calls of models. A span above them that repeats their tokens adds nothing. */
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
    durationMs: toMicroseconds(end - start),
    occurredAt: Math.floor(start),
  };
}
