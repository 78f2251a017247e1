/** Executions of a request: each checked against the schema, then for what a schema cannot say. */
import { describeError, typedChecks } from '../../schema-check.js';
import { compileRecord } from '../compiled.js';
import { factColumns, sentField, sentReader } from '../record.js';
import { type Bounds, invalid, parseAll, type Rejection, within } from '../refusal.js';
import { STEP } from '../step/columns.js';
import { USAGE } from '../usage/columns.js';
import { EXECUTION } from './columns.js';
import {
  type Execution,
  NOT_OF_HEADER,
  type SentHeader,
  type Step,
  type Usage,
  USAGE_DERIVED,
  type UsageDerived,
} from './execution.js';
import { agreeing, areTooMany, hasCounts, ownTokens, TOO_MANY_TOKENS } from './sent-tokens.js';
import {
  ExecutionSchema,
  type SentExecution,
  type SentStep,
  type SentUsage,
  StepSchema,
  UsageSchema,
} from './wire.js';

const isExecution = typedChecks.compile<SentExecution>(ExecutionSchema);
const isStep = typedChecks.compile<SentStep>(StepSchema);
const isUsage = typedChecks.compile<SentUsage>(UsageSchema);

const readHeader = compileRecord<SentExecution, SentHeader, Pick<SentHeader, 'tokens'>>(
  factColumns(EXECUTION, NOT_OF_HEADER).map(sentField),
  ['tokens'],
);
const readStep = sentReader(STEP);
const readUsage = compileRecord<SentUsage, Usage, UsageDerived>(
  factColumns(USAGE).map(sentField),
  USAGE_DERIVED,
);

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
    const step = readStep(item);
    if (seen.has(step.step_number)) throw invalid(`step_number ${step.step_number} stands twice`);
    seen.add(step.step_number);
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
  const header = readHeader(raw, { tokens: null });
  const { started_at, completed_at } = header;
  within('EXECUTION', 'started_at', started_at, bounds);
  if (completed_at !== null && completed_at < started_at) {
    throw invalid('completed_at lies before started_at');
  }
  checkCost(header, '');
  const id = raw.id.toLowerCase();
  if (header.parent_execution_id === id) {
    throw invalid(
      'parent_execution_id is the id of the execution itself; it names the execution that called it',
    );
  }
  const usages = raw.token_usages == null ? undefined : usagesOf(raw.token_usages);
  header.tokens = ownTokens(raw, usages);
  if (completed_at !== null) header.execution_time_ms ??= completed_at - started_at;
  return {
    id,
    agentName: raw.agent_id == null || raw.agent_name === '' ? null : (raw.agent_name ?? null),
    agentTags: raw.agent_tags,
    userName: raw.user_id == null || raw.user_name === '' ? null : (raw.user_name ?? null),
    header,
    steps: raw.steps == null ? undefined : uniqueSteps(raw.steps),
    usages,
  };
}

/** @throws Refusal where the source of a cost contradicts the cost */
function checkCost(
  { own_cost_source: source, reported_cost_usd: cost }: Pick<Usage, 'own_cost_source' | 'reported_cost_usd'>,
  where: string,
): void {
  if (source === 'reported' && cost === null) throw invalid(`${where}cost_source reported needs cost_usd`);
  if (source === 'unpriced' && cost !== null) {
    throw invalid(`${where}cost_usd must be null where cost_source is unpriced`);
  }
}

function uniqueSteps(sent: readonly SentStep[]): Step[] {
  const seen = new Set<number>();
  for (const { step_number } of sent) {
    if (seen.has(step_number)) throw invalid(`steps: step_number ${step_number} stands twice`);
    seen.add(step_number);
  }
  return sent.map(readStep).sort((a, b) => a.step_number - b.step_number);
}

function usagesOf(sent: readonly SentUsage[]): Usage[] {
  const keys = new UsageKeys();
  const usages = sent.map((usage, i) => usageOf(usage, keys, `token_usages.${i}: `));
  if (areTooMany(usages)) throw invalid(TOO_MANY_TOKENS);
  return usages;
}

function usageOf(sent: SentUsage, keys: UsageKeys, where = ''): Usage {
  const usage = readUsage(sent, {
    usage_key: keys.of(sent, where),
    has_tokens: hasCounts(sent) || sent.total_tokens != null,
  });
  checkCost(usage, where);
  return agreeing(usage, sent, where);
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
