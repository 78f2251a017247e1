/** Stored executions: read under a lock, written whole, their hours marked; all in the caller's transaction. */
import type { PoolClient } from 'pg';
import type { PriceList } from '../../costs/prices.js';
import { UNIQUE_VIOLATION } from '../../db/failure.js';
import { errorCode } from '../../errors.js';
import { textArray, timestampArray, uuidArray } from '../../facts/arrays.js';
import type { Row } from '../../facts/column.js';
import { EXECUTION } from '../../facts/execution/columns.js';
import {
  HEADER_NAMES,
  NOT_OF_HEADER,
  type Step,
  STEP_NAMES,
  type Usage,
  USAGE_DERIVED,
  USAGE_NAMES,
  type UsageDerived,
} from '../../facts/execution/execution.js';
import { storedReader, storedSql } from '../../facts/record.js';
import { insertSql, parametersOf, updateSql, writtenColumns } from '../../facts/statements.js';
import { STEP } from '../../facts/step/columns.js';
import { TOKEN_NAMES, type Tokens, TOKENS } from '../../facts/tokens.js';
import { USAGE } from '../../facts/usage/columns.js';
import { parseUsd, type Usd } from '../../money.js';
import { collectInTurns, Pauses } from '../../pause.js';
import { floorTo, HOUR } from '../../time.js';
import { type Arrivals, type Counted, countExecution } from '../arrivals.js';
import { markExecutionHours, markSessions } from '../marks.js';
import { callsOf, derive, type Derived, type State, usageTier } from './state.js';

/** Another transaction has inserted one of the executions meanwhile, so that what was read is outdated. */
export class WriteConflict extends Error {}

const LOCK = `
  SELECT ${storedSql(EXECUTION, 'own_tokens', 'steps', 'header_digest', 'steps_digest', 'usages_digest', 'cost_usd')}
  FROM executions WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE`;

type StoredExecution = Tokens &
  Pick<
    Row<typeof EXECUTION.columns>,
    'id' | 'own_tokens' | 'steps' | 'header_digest' | 'steps_digest' | 'usages_digest'
  > & { cost_usd: string | null };

const totalOf = ({ input_tokens, output_tokens }: Tokens): number => input_tokens + output_tokens;

const readHeader = storedReader(EXECUTION, NOT_OF_HEADER);
const readTokens = storedReader(TOKENS);
const readStep = storedReader(STEP);
const readUsage = storedReader(USAGE);

/** The stored ones of these executions, locked until the end of the transaction, without steps and usages. */
export async function lockStates(
  client: PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, State>> {
  const { rows } = await client.query<StoredExecution>(LOCK, [tenantId, uuidArray(ids)]);
  return new Map(rows.map((row) => [row.id, stateOf(row)]));
}

const stateOf = (row: StoredExecution): State => ({
  ...stored(row),
  stepCount: row.steps,
  headerDigest: row.header_digest,
  stepsDigest: row.steps_digest,
  usagesDigest: row.usages_digest,
  steps: undefined,
  usages: undefined,
});

function stored(row: StoredExecution): Pick<State, 'header' | 'counted'> {
  const tokens = readTokens(row);
  const header = { tokens: row.own_tokens ? tokens : null, ...readHeader(row) };
  const usd = row.cost_usd === null ? null : parseUsd(row.cost_usd);
  return { header, counted: { status: header.status, tokens: totalOf(tokens), usd } };
}

export async function readSteps(client: PoolClient, tenantId: string, executionId: string): Promise<Step[]> {
  const { rows } = await client.query<object>(
    `SELECT ${storedSql(STEP)} FROM execution_steps
     WHERE tenant_id = $1 AND execution_id = $2 ORDER BY step_number`,
    [tenantId, executionId],
  );
  return rows.map(readStep);
}

type StoredUsage = Pick<Row<typeof USAGE.columns>, 'execution_id'> & UsageDerived;

/** The usages by execution, in the order in which they were sent. */
export async function readUsages(
  client: PoolClient,
  tenantId: string,
  executionIds: readonly string[],
): Promise<Map<string, Usage[]>> {
  const usages = new Map<string, Usage[]>();
  if (executionIds.length === 0) return usages;
  const { rows } = await client.query<StoredUsage>(
    `SELECT ${storedSql(USAGE, 'execution_id', ...USAGE_DERIVED)} FROM token_usages
     WHERE tenant_id = $1 AND execution_id = ANY ($2::uuid[]) ORDER BY execution_id, position`,
    [tenantId, uuidArray(executionIds)],
  );
  for (const row of rows) {
    const { usage_key, has_tokens } = row;
    const usage: Usage = { usage_key, has_tokens, ...readUsage(row) };
    const known = usages.get(row.execution_id);
    if (known === undefined) usages.set(row.execution_id, [usage]);
    else known.push(usage);
  }
  return usages;
}

export const REMOVE = {
  steps: 'DELETE FROM execution_steps WHERE tenant_id = $1 AND execution_id = ANY ($2::uuid[])',
  usages: 'DELETE FROM token_usages WHERE tenant_id = $1 AND execution_id = ANY ($2::uuid[])',
} as const;

/** The first parameter of each table, after the tenant. */
const EXECUTIONS_FROM = 2;
const STEPS_FROM = EXECUTIONS_FROM + writtenColumns(EXECUTION).length;
const USAGES_FROM = STEPS_FROM + writtenColumns(STEP).length;
const MARKS_AT = USAGES_FROM + writtenColumns(USAGE).length;

const executionParameters = parametersOf(EXECUTION, { header: HEADER_NAMES, tokens: TOKEN_NAMES });
const stepParameters = parametersOf(STEP, { step: STEP_NAMES });
const usageParameters = parametersOf(USAGE, { usage: USAGE_NAMES });

/**
 * Writes executions with their parts and marks in one statement: $1 is the tenant, then come the columns of the three
 * tables, and last the hours to mark, and the sessions with their hours.
 */
const writeSql = (executions: string): string => `WITH steps AS (
    ${insertSql(STEP, STEPS_FROM)}
  ), usages AS (
    ${insertSql(USAGE, USAGES_FROM)}
  ), marks AS (
    ${markExecutionHours(`$${MARKS_AT}`)}
  ), session_marks_made AS (
    ${markSessions(`$${MARKS_AT + 1}`, `$${MARKS_AT + 2}`)}
  )
  ${executions}`;

/**
 * Named, and so planned once a connection: it reads no table. The other statements do, and would keep a plan from when
 * there was little in it.
 */
const INSERT = {
  name: 'executions insert',
  text: writeSql(insertSql(EXECUTION, EXECUTIONS_FROM)),
};
const UPDATE = { text: writeSql(updateSql(EXECUTION, EXECUTIONS_FROM)) };

export interface Change {
  id: string;
  before: State | undefined;
  after: State;
}

/**
 * Writes the new states of executions, prices them, and marks the hours that they were and are in.
 * @param held what unpriced executions have cost a budget, by execution
 * @param arrivals what is written is added to them
 * @throws WriteConflict if one that was assumed to be new has been inserted meanwhile
 */
export async function writeChanges(
  client: PoolClient,
  tenantId: string,
  changes: readonly Change[],
  prices: PriceList,
  held: ReadonlyMap<string, Usd>,
  arrivals: Arrivals,
): Promise<void> {
  // In the order of the key, so that concurrent transactions do not deadlock.
  const sorted = [...changes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const stay = sorted.filter(({ after }) => after.usages === undefined && after.usagesDigest !== null);
  const kept = await readUsages(
    client,
    tenantId,
    stay.map(({ id }) => id),
  );
  const usagesOf = ({ id, after }: Change): readonly Usage[] => after.usages ?? kept.get(id) ?? [];
  await prices.prepare(sorted.flatMap((change) => [...callsOf(change.after.header, usagesOf(change))]));
  const rows: ChangedRow[] = [];
  const pauses = new Pauses();
  for (const change of sorted) {
    const { id, before, after } = change;
    const usages = usagesOf(change);
    if (pauses.isDueBefore(usages.length)) await pauses.take();
    const derived = derive(after.header, usages, prices);
    rows.push({ id, before, state: after, derived, held: heldBy(id, after, derived.cost.usd, held), usages });
    countExecution(arrivals, before?.counted, countedOf(after, derived), isTop(after));
  }
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
    if (errorCode(error) === UNIQUE_VIOLATION) throw new WriteConflict();
    throw error;
  }
}

const countedOf = ({ header }: State, { tokens, cost }: Derived): Counted => ({
  status: header.status,
  tokens: totalOf(tokens),
  usd: cost.usd,
});

const isTop = ({ header }: State): boolean => header.parent_execution_id === null;

interface ChangedRow {
  id: string;
  before: State | undefined;
  state: State;
  derived: Derived;
  /** What it has cost a budget though its cost is not known. */
  held: Usd | null;
  usages: readonly Usage[];
}

const executionRow = ({ id, state, derived, held }: ChangedRow) => ({
  id,
  header: state.header,
  tokens: derived.tokens,
  provider: derived.provider,
  model_name: derived.model_name,
  own_tokens: state.header.tokens !== null,
  cost_usd: derived.cost.usd,
  cost_source: derived.cost.source,
  cost_note: derived.cost.note,
  service_tier: derived.service_tier,
  held_usd: held,
  steps: state.stepCount,
  header_digest: state.headerDigest,
  steps_digest: state.stepsDigest,
  usages_digest: state.usagesDigest,
});

const stepRows = ({ id, state }: ChangedRow) =>
  (state.steps ?? []).map((step) => ({ execution_id: id, step }));

const usageRows = ({ id, state, derived, usages }: ChangedRow) =>
  usages.map((usage, position) => {
    const { usd, source } = derived.usageCosts[position]!;
    const service_tier = usageTier(usage, state.header);
    return { execution_id: id, position, usage, service_tier, cost_usd: usd, cost_source: source };
  });

async function write(
  client: PoolClient,
  tenantId: string,
  statement: { name?: string; text: string },
  rows: readonly ChangedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const hours = new Set<number>();
  for (const { before, state } of rows) {
    hours.add(floorTo(state.header.started_at, HOUR));
    if (before !== undefined) hours.add(floorTo(before.header.started_at, HOUR));
  }
  const sessions = sessionHours(
    rows.flatMap(({ before, state }) => [state.header, ...(before === undefined ? [] : [before.header])]),
  );
  const values = [
    tenantId,
    ...(await collectInTurns(executionParameters(rows.map(executionRow)))),
    ...(await collectInTurns(stepParameters(rows.flatMap(stepRows)))),
    ...(await collectInTurns(usageParameters(rows.flatMap(usageRows)))),
    timestampArray([...hours]),
    timestampArray(sessions.map(({ hour }) => hour)),
    textArray(sessions.map(({ session }) => session)),
  ];
  await client.query({ ...statement, values });
}

/** The sessions of executions with the hours of these, each pair once. */
export function sessionHours(
  executions: readonly { started_at: number; session_id: string | null }[],
): { hour: number; session: string }[] {
  const pairs = new Map<string, { hour: number; session: string }>();
  for (const { started_at, session_id: session } of executions) {
    if (session === null) continue;
    const hour = floorTo(started_at, HOUR);
    pairs.set(`${hour} ${session}`, { hour, session });
  }
  return [...pairs.values()];
}

/** Usages are always written anew, because a price may have changed; steps only if steps were sent. */
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
