/** One execution of a request: checked against the schema, then for what a schema cannot say. */
import type { Static } from 'typebox';
import { formatUsd, parseUsd } from '../../costs/money.js';
import type { Tokens } from '../../costs/tokens.js';
import { describeError, typedChecks } from '../../schema-check.js';
import { parseTime } from '../../time.js';
import { type Bounds, invalid, parseAll, type Rejection, within } from '../refusal.js';
import { storableText } from '../text.js';
import { cutBytes, cutCharacters } from './cut.js';
import type { Execution, Step, Usage } from './execution.js';
import { type ExecutionStatus, ExecutionSchema, StepSchema, UsageSchema } from './schema.js';
import { areTooMany, ownTokens, tokensOf, TOO_MANY_TOKENS } from './sent-tokens.js';

type SentExecution = Static<typeof ExecutionSchema>;
type SentStep = Static<typeof StepSchema>;
type SentUsage = Static<typeof UsageSchema>;

const isExecution = typedChecks.compile<SentExecution>(ExecutionSchema);
const isStep = typedChecks.compile<SentStep>(StepSchema);
const isUsage = typedChecks.compile<SentUsage>(UsageSchema);

export function parseExecutions(
  raw: readonly unknown[],
  bounds: Bounds,
): { executions: Execution[]; rejected: Rejection[] } {
  const { parsed, rejected } = parseAll(raw, (item) => parseExecution(item, bounds));
  return { executions: parsed, rejected };
}

/** Steps to append; a number that stands twice is refused the second time. */
export function parseSteps(raw: readonly unknown[]): { steps: Step[]; rejected: Rejection[] } {
  const seen = new Set<number>();
  const { parsed, rejected } = parseAll(raw, (item) => {
    if (!isStep(item)) throw invalid(describeError(isStep.errors![0]!, 'field', 'step'));
    const step = stepOf(item);
    if (seen.has(step.stepNumber)) throw invalid(`step_number ${step.stepNumber} stands twice`);
    seen.add(step.stepNumber);
    return step;
  });
  return { steps: parsed, rejected };
}

/** Token usages to append. */
export function parseUsages(raw: readonly unknown[]): { usages: Usage[]; rejected: Rejection[] } {
  const keys = new UsageKeys();
  const { parsed, rejected } = parseAll(raw, (item) => {
    if (!isUsage(item)) throw invalid(describeError(isUsage.errors![0]!, 'field', 'token usage'));
    return usageOf(item, keys);
  });
  return { usages: parsed, rejected };
}

function parseExecution(raw: unknown, bounds: Bounds): Execution {
  if (!isExecution(raw)) throw invalid(describeError(isExecution.errors![0]!, 'field', 'execution'));
  const startedAt = within('EXECUTION', 'started_at', timeOf(raw.started_at)!, bounds);
  const completedAt = timeOf(raw.completed_at);
  if (completedAt !== null && completedAt < startedAt) throw invalid('completed_at lies before started_at');
  const usages = raw.token_usages == null ? undefined : usagesOf(raw.token_usages);
  const header: Execution['header'] = {
    requestId: raw.request_id ?? null,
    sessionId: raw.session_id ?? null,
    agentId: raw.agent_id ?? null,
    agentType: raw.agent_type ?? null,
    flowId: raw.flow_id ?? null,
    userId: raw.user_id ?? null,
    provider: raw.provider ?? null,
    model: raw.model_name ?? null,
    status: raw.status as ExecutionStatus,
    startedAt,
    completedAt,
    executionTimeMs: raw.execution_time_ms ?? (completedAt === null ? null : completedAt - startedAt),
    llmTimeMs: raw.llm_time_ms ?? null,
    tokens: ownTokens(raw, usages),
    reportedCost: costOf(raw.cost_usd),
    queryPreview: cutCharacters(raw.query_preview ?? null),
    errorType: raw.error_type ?? null,
    errorMessage: raw.error_message ?? null,
    tags: raw.tags ?? undefined,
    reservationId: raw.reservation_id?.toLowerCase() ?? null,
  };
  return {
    id: raw.id.toLowerCase(),
    agentName: raw.agent_id == null || raw.agent_name === '' ? null : (raw.agent_name ?? null),
    header,
    steps: raw.steps == null ? undefined : uniqueSteps(raw.steps),
    usages,
  };
}

/** That it can be read is the schema's to say. */
const timeOf = (text: string | null | undefined): number | null => (text == null ? null : parseTime(text)!);

const costOf = (sent: number | null | undefined): string | null =>
  sent == null ? null : formatUsd(parseUsd(sent));

function uniqueSteps(sent: readonly SentStep[]): Step[] {
  const seen = new Set<number>();
  for (const { step_number } of sent) {
    if (seen.has(step_number)) throw invalid(`steps: step_number ${step_number} stands twice`);
    seen.add(step_number);
  }
  return sent.map(stepOf).sort((a, b) => a.stepNumber - b.stepNumber);
}

/** As the database gives it back: what is sent again is compared with that. */
const wordOf = (sent: string | null | undefined): string | null => (sent == null ? null : storableText(sent));

function stepOf(sent: SentStep): Step {
  return {
    stepNumber: sent.step_number,
    stepType: sent.step_type,
    content: cutBytes(sent.content ?? null),
    toolName: wordOf(sent.tool_name),
    status: sent.status ?? null,
    inputTokens: sent.input_tokens ?? 0,
    outputTokens: sent.output_tokens ?? 0,
    durationMs: sent.duration_ms ?? null,
    occurredAt: timeOf(sent.timestamp),
  };
}

function usagesOf(sent: readonly SentUsage[]): Usage[] {
  const keys = new UsageKeys();
  const usages = sent.map((usage, i) => usageOf(usage, keys, `token_usages.${i}: `));
  if (areTooMany(usages)) throw invalid(TOO_MANY_TOKENS);
  return usages;
}

function usageOf(sent: SentUsage, keys: UsageKeys, where = ''): Usage {
  const noTokens: Tokens = { input: 0, output: 0, cachedInput: 0, cacheWrite: 0, reasoning: 0 };
  return {
    key: keys.of(sent, where),
    usageId: sent.id ?? null,
    component: storableText(sent.component),
    provider: wordOf(sent.provider),
    model: wordOf(sent.model),
    tokens: tokensOf(sent, where) ?? noTokens,
    reportedCost: costOf(sent.cost_usd),
    stepNumber: sent.step_number ?? null,
  };
}

/** Five calls of one model are five usages, and sending the five again adds none. */
class UsageKeys {
  private readonly equals = new Map<string, number>();
  private readonly ids = new Set<string>();

  of({ id, component, model, step_number }: SentUsage, where: string): string {
    if (id != null) {
      if (this.ids.has(id)) throw invalid(`${where}the id "${id}" stands twice`);
      this.ids.add(id);
      return `id ${id}`;
    }
    const name = JSON.stringify([component, model ?? null, step_number ?? null]);
    const place = (this.equals.get(name) ?? 0) + 1;
    this.equals.set(name, place);
    return `${place} ${name}`;
  }
}
