/** Executions in the database: read under their locks, written whole, their hours marked; all in the caller's transaction. */
import type { PoolClient } from 'pg';
import { formatUsd, parseUsd, type Usd } from '../../costs/money.js';
import type { PriceList } from '../../costs/prices.js';
import type { Tokens } from '../../costs/tokens.js';
import { UNIQUE_VIOLATION } from '../../db/failure.js';
import { errorCode } from '../../errors.js';
import { floorTo, HOUR } from '../../time.js';
import { timestampArray, uuidArray } from '../arrays.js';
import {
  EXECUTION_COLUMNS,
  type ExecutionRow,
  insertSql,
  parametersOf,
  STEP_COLUMNS,
  type StepRow,
  updateSql,
  USAGE_COLUMNS,
  type UsageRow,
} from './columns.js';
import type { Step, Usage } from './execution.js';
import type { ExecutionStatus } from './schema.js';
import { derive, type State } from './state.js';

/** The kind of mark by which the rollup finds an hour of executions. */
export const EXECUTION_MARK = 'execution';

/** Another transaction has inserted one of the executions meanwhile: what was read does not hold any more. */
export class Overtaken extends Error {}

interface StoredRow {
  id: string;
  requestId: string | null;
  sessionId: string | null;
  agentId: string | null;
  agentType: string | null;
  flowId: string | null;
  userId: string | null;
  provider: string | null;
  model: string | null;
  status: ExecutionStatus;
  startedAt: Date;
  completedAt: Date | null;
  executionTimeMs: number | null;
  llmTimeMs: number | null;
  ownTokens: boolean;
  input: number;
  output: number;
  cachedInput: number;
  cacheWrite: number;
  reasoning: number;
  reportedCost: string | null;
  queryPreview: string | null;
  errorType: string | null;
  errorMessage: string | null;
  tags: string[];
  reservationId: string | null;
  stepCount: number;
  headerDigest: string;
  stepsDigest: string | null;
  usagesDigest: string | null;
}

const STORED = `
  SELECT id, request_id AS "requestId", session_id AS "sessionId", agent_id AS "agentId", agent_type AS "agentType",
         flow_id AS "flowId", user_id AS "userId", own_provider AS provider, own_model AS model, status,
         started_at AS "startedAt", completed_at AS "completedAt", execution_time_ms AS "executionTimeMs",
         llm_time_ms AS "llmTimeMs", own_tokens AS "ownTokens", input_tokens AS input, output_tokens AS output,
         cached_input_tokens AS "cachedInput", cache_write_tokens AS "cacheWrite", reasoning_tokens AS reasoning,
         reported_cost_usd AS "reportedCost", query_preview AS "queryPreview", error_type AS "errorType",
         error_message AS "errorMessage", tags, reservation_id AS "reservationId", steps AS "stepCount",
         header_digest AS "headerDigest", steps_digest AS "stepsDigest", usages_digest AS "usagesDigest"
  FROM executions WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE`;

/** Those of the executions that are there, locked until the end of the transaction; without their steps and usages. */
export async function lockStates(
  client: PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, State>> {
  const { rows } = await client.query<StoredRow>(STORED, [tenantId, uuidArray(ids)]);
  return new Map(rows.map((row) => [row.id, stateOf(row)]));
}

function stateOf(row: StoredRow): State {
  const { input, output, cachedInput, cacheWrite, reasoning } = row;
  return {
    header: {
      requestId: row.requestId,
      sessionId: row.sessionId,
      agentId: row.agentId,
      agentType: row.agentType,
      flowId: row.flowId,
      userId: row.userId,
      provider: row.provider,
      model: row.model,
      status: row.status,
      startedAt: row.startedAt.getTime(),
      completedAt: row.completedAt?.getTime() ?? null,
      executionTimeMs: row.executionTimeMs,
      llmTimeMs: row.llmTimeMs,
      tokens: row.ownTokens ? { input, output, cachedInput, cacheWrite, reasoning } : null,
      reportedCost: normal(row.reportedCost),
      queryPreview: row.queryPreview,
      errorType: row.errorType,
      errorMessage: row.errorMessage,
      tags: row.tags,
      reservationId: row.reservationId,
    },
    stepCount: row.stepCount,
    headerDigest: row.headerDigest,
    stepsDigest: row.stepsDigest,
    usagesDigest: row.usagesDigest,
    steps: undefined,
    usages: undefined,
  };
}

/** In the one form that equal amounts have. */
const normal = (numeric: string | null): string | null =>
  numeric === null ? null : formatUsd(parseUsd(numeric));

export async function readSteps(client: PoolClient, tenantId: string, executionId: string): Promise<Step[]> {
  const { rows } = await client.query<Omit<Step, 'occurredAt'> & { occurredAt: Date | null }>(
    `SELECT step_number AS "stepNumber", step_type AS "stepType", content, tool_name AS "toolName", status,
            input_tokens AS "inputTokens", output_tokens AS "outputTokens", duration_ms AS "durationMs",
            occurred_at AS "occurredAt"
     FROM execution_steps WHERE tenant_id = $1 AND execution_id = $2 ORDER BY step_number`,
    [tenantId, executionId],
  );
  return rows.map((row) => ({ ...row, occurredAt: row.occurredAt?.getTime() ?? null }));
}

/** In the order in which they came, by execution. */
export async function readUsages(
  client: PoolClient,
  tenantId: string,
  executionIds: readonly string[],
): Promise<Map<string, Usage[]>> {
  const usages = new Map<string, Usage[]>();
  if (executionIds.length === 0) return usages;
  const { rows } = await client.query<
    Omit<Usage, 'tokens' | 'reportedCost'> & Tokens & { executionId: string; reportedCost: string | null }
  >(
    `SELECT execution_id AS "executionId", usage_key AS key, usage_id AS "usageId", component, provider,
            model_name AS model, input_tokens AS input, output_tokens AS output, cached_input_tokens AS "cachedInput",
            cache_write_tokens AS "cacheWrite", reasoning_tokens AS reasoning, reported_cost_usd AS "reportedCost",
            step_number AS "stepNumber"
     FROM token_usages WHERE tenant_id = $1 AND execution_id = ANY ($2::uuid[]) ORDER BY execution_id, position`,
    [tenantId, uuidArray(executionIds)],
  );
  for (const row of rows) {
    const { executionId, key, usageId, component, provider, model, stepNumber, reportedCost } = row;
    const { input, output, cachedInput, cacheWrite, reasoning } = row;
    const usage: Usage = {
      key,
      usageId,
      component,
      provider,
      model,
      tokens: { input, output, cachedInput, cacheWrite, reasoning },
      reportedCost: normal(reportedCost),
      stepNumber,
    };
    const known = usages.get(executionId);
    if (known === undefined) usages.set(executionId, [usage]);
    else known.push(usage);
  }
  return usages;
}

const REMOVE = {
  steps: 'DELETE FROM execution_steps WHERE tenant_id = $1 AND execution_id = ANY ($2::uuid[])',
  usages: 'DELETE FROM token_usages WHERE tenant_id = $1 AND execution_id = ANY ($2::uuid[])',
} as const;

const STEPS_FROM = 2 + EXECUTION_COLUMNS.length;
const USAGES_FROM = STEPS_FROM + STEP_COLUMNS.length;
const MARKS_AT = USAGES_FROM + USAGE_COLUMNS.length;

/** All of some executions in one statement: $1 the tenant, then the columns of the three tables, last the hours to mark. */
const writeSql = (executions: string): string => `WITH steps AS (
    ${insertSql('execution_steps', STEP_COLUMNS, STEPS_FROM)}
  ), usages AS (
    ${insertSql('token_usages', USAGE_COLUMNS, USAGES_FROM)}
  ), marks AS (
    INSERT INTO dirty_marks (tenant_id, kind, bucket)
    SELECT $1, '${EXECUTION_MARK}', bucket FROM unnest($${MARKS_AT}::timestamptz[]) AS bucket
  )
  ${executions}`;
/**
 * Named, and so planned once a connection: it reads no table. The others do, and a plan from when there was little in it
 * would be kept.
 */
const INSERT = {
  name: 'executions insert',
  text: writeSql(insertSql('executions', EXECUTION_COLUMNS)),
};
const UPDATE = { text: writeSql(updateSql('executions', EXECUTION_COLUMNS)) };

export interface Change {
  id: string;
  before: State | undefined;
  after: State;
}

/**
 * Replaces the executions by what they are now, prices them and marks the hours that they were and are in.
 * @param held what unpriced executions have cost a budget, by execution
 * @throws Overtaken when one that was not there has been inserted meanwhile
 */
export async function writeChanges(
  client: PoolClient,
  tenantId: string,
  changes: readonly Change[],
  prices: PriceList,
  held: ReadonlyMap<string, Usd>,
): Promise<void> {
  // In the order of the key, so that concurrent transactions do not deadlock.
  const sorted = [...changes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const stay = sorted.filter(({ after }) => after.usages === undefined && after.usagesDigest !== null);
  const kept = await readUsages(
    client,
    tenantId,
    stay.map(({ id }) => id),
  );
  const rows = sorted.map(({ id, before, after }): ChangedRow => {
    const usages = after.usages ?? kept.get(id) ?? [];
    const derived = derive(after.header, usages, prices);
    return { id, before, state: after, derived, held: heldBy(id, after, derived.cost.usd, held), usages };
  });
  const replaced = rows.filter(({ before }) => before !== undefined);
  await removeReplaced(client, tenantId, replaced);
  await write(client, tenantId, UPDATE, replaced);
  try {
    await write(
      client,
      tenantId,
      INSERT,
      rows.filter(({ before }) => before === undefined),
    );
  } catch (error) {
    if (errorCode(error) === UNIQUE_VIOLATION) throw new Overtaken();
    throw error;
  }
}

interface ChangedRow extends ExecutionRow {
  before: State | undefined;
  usages: readonly Usage[];
}

async function write(
  client: PoolClient,
  tenantId: string,
  statement: { name?: string; text: string },
  rows: readonly ChangedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const steps = rows.flatMap(({ id, state }): StepRow[] =>
    (state.steps ?? []).map((step) => ({ executionId: id, step })),
  );
  const usages = rows.flatMap(({ id, derived, usages }): UsageRow[] =>
    usages.map((usage, i) => ({ executionId: id, usage, cost: derived.usageCosts[i]!, position: i })),
  );
  const hours = new Set<number>();
  for (const { before, state } of rows) {
    hours.add(floorTo(state.header.startedAt, HOUR));
    if (before !== undefined) hours.add(floorTo(before.header.startedAt, HOUR));
  }
  const values = [
    tenantId,
    ...parametersOf(EXECUTION_COLUMNS, rows),
    ...parametersOf(STEP_COLUMNS, steps),
    ...parametersOf(USAGE_COLUMNS, usages),
    timestampArray([...hours]),
  ];
  await client.query({ ...statement, values });
}

/** Usages are all written anew, because a price may have changed; steps only where others were sent. */
async function removeReplaced(
  client: PoolClient,
  tenantId: string,
  replaced: readonly ChangedRow[],
): Promise<void> {
  const remove = async (sql: string, changes: readonly ChangedRow[]): Promise<void> => {
    if (changes.length > 0) await client.query(sql, [tenantId, uuidArray(changes.map(({ id }) => id))]);
  };
  await remove(
    REMOVE.usages,
    replaced.filter(({ before }) => before!.usagesDigest !== null),
  );
  await remove(
    REMOVE.steps,
    replaced.filter(({ before, state }) => before!.stepsDigest !== null && state.steps !== undefined),
  );
}

/** An unpriced execution that has finished keeps the estimate of its reservation as its spend. */
function heldBy(id: string, { header }: State, cost: Usd | null, held: ReadonlyMap<string, Usd>): Usd | null {
  return cost !== null || header.status === 'running' ? null : (held.get(id) ?? null);
}
