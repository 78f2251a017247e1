/** All spans of a trace as one execution: the same whatever their order, however often and in whichever pieces they came. */
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
import type { Tokens } from '../../facts/tokens.js';
import { formatUsd, parseUsd } from '../../money.js';
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
      query_preview: question === null ? null : cutCharacters(question),
      error_type: failed === undefined ? null : (failed.fields.errorType ?? last.fields.errorType ?? null),
      error_message: failed === undefined ? null : (failed.statusMessage ?? last.statusMessage ?? null),
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
        ...NO_USAGE,
        usage_key: `id ${spanId}`,
        usage_id: spanId,
        component: components.get(node)!,
        provider: fields.provider ?? null,
        model_name: fields.model ?? null,
        ...tokensOf(fields),
        reported_cost_usd: fields.costUsd === undefined ? null : formatUsd(parseUsd(fields.costUsd)),
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
    input_tokens: leftOut ? input + cached : input,
    output_tokens: output,
    cached_input_tokens: cachedInputTokens,
    cache_write_tokens: cacheWriteTokens,
    reasoning_tokens: reasoningTokens,
  };
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
