/** A catalog query from its wire form to columns. */
import { type Measure, measuresOf } from '../catalog/index.js';
import { INVALID_PARAMETER_VALUE } from '../db/failure.js';
import type { ReadPool } from '../db/read-shares.js';
import { AppError, errorCode, messageOf } from '../errors.js';
import { forEachInTurns, sortInTurns } from '../pause.js';
import { formatTime } from '../time.js';
import { bucketStarts, fewestBuckets, tooManyBuckets } from './axis.js';
import { AnswerBudget, MAX_CELLS, tooManyCells } from './budget.js';
import {
  type CatalogQuery,
  FIXED_WIDTH,
  type OrderBy,
  type Plan,
  planQuery,
  type QueryContext,
} from './plan.js';
import { NULL_GROUP } from './sql.js';
import type { Shape } from './shape.js';
import { valueStatement } from './statements.js';
import { firstReading } from './zone.js';

export interface Column {
  name: string;
  type: 'time' | 'number' | 'string';
  /** Grafana's id. */
  unit?: string;
  /** Times are RFC 3339. */
  values: (string | number | null)[];
}

export interface QueryResult {
  columns: Column[];
  notices: string[];
}

type GroupValue = string | number | null;

interface Row {
  time: number | undefined;
  group: readonly GroupValue[];
  value: number | null;
}

/**
 * @param budget what the request may still have
 * @throws AppError for a bad query, TOO_LARGE for one that does not fit
 */
export async function runQuery(
  pool: ReadPool,
  query: CatalogQuery,
  context: QueryContext,
  budget = new AnswerBudget(),
): Promise<QueryResult> {
  const plan = planQuery(query, context);
  try {
    const [rows, leftOut] = await Promise.all([readRows(pool, plan, budget), unpricedNotices(pool, plan)]);
    const sorted = await sortInTurns(rows, comparator(plan.orderBy, plan));
    return { columns: await columnsOf(pool, plan, sorted), notices: [...plan.notices, ...leftOut] };
  } catch (error) {
    // The runtime's list of zones may be newer than the database's.
    if (errorCode(error) === INVALID_PARAMETER_VALUE && /time zone/.test(messageOf(error))) {
      throw new AppError(
        'VALIDATION_ERROR',
        `the database does not know the time zone "${context.timeZone}"`,
      );
    }
    throw error;
  }
}

/**
 * The fewest cells that a query asks for, found without the database. A query that is invalid has none.
 */
export function fewestCells(query: CatalogQuery, context: QueryContext): number {
  try {
    const plan = planQuery(query, context);
    return plan.groupBy.length === 0 ? Math.min(fewestBuckets(plan), MAX_CELLS) : 0;
  } catch (error) {
    if (error instanceof AppError) return 0;
    throw error;
  }
}

/** Sums of money of what has a price. */
const LEAVING_OUT: readonly Measure[] = ['costUsd', 'modelCost', 'totalCost'];

/** Says how many executions a sum of money leaves out because their price is not known. */
async function unpricedNotices(pool: ReadPool, plan: Plan): Promise<string[]> {
  if (!measuresOf(plan.metric.formula).some((measure) => LEAVING_OUT.includes(measure))) return [];
  // By component, an execution counts by its token usages where it has any.
  const byUsage = plan.source.measures.unpricedUsages !== undefined;
  const formula = { op: 'sum', of: byUsage ? 'unpricedUsages' : 'unpriced' } as const;
  const total: Plan = { ...plan, metric: { ...plan.metric, formula }, groupBy: [], interval: 'none' };
  const [row] = await select(pool, total, { bucketed: false });
  const unpriced = row?.value ?? 0;
  if (unpriced === 0) return [];
  const also = byUsage ? ' or token usages' : '';
  const [noun, verb] = unpriced === 1 && also === '' ? ['execution', 'is'] : [`executions${also}`, 'are'];
  return [`${unpriced.toLocaleString('en')} ${noun} without a known price ${verb} left out.`];
}

async function readRows(pool: ReadPool, plan: Plan, budget: AnswerBudget): Promise<Row[]> {
  const starts = await bucketStarts(pool, plan);
  const buckets = Math.max(1, starts.length);
  const maxGroups = Math.floor(MAX_CELLS / buckets);
  const bucketed = plan.interval !== 'none';
  if (plan.groupBy.length === 0) {
    budget.takeCells(buckets);
    const rows = await select(pool, plan, { bucketed });
    return fill(plan, starts, rows, [[]]);
  }
  // First the groups, largest first, then their buckets: a limit costs only what it shows, and too many cells are found early.
  // One group more than fits shows that there are too many.
  const affordable = Math.min(maxGroups, Math.floor(Math.max(0, budget.cellsLeft) / buckets));
  const top = Math.min(plan.limit ?? Infinity, affordable + 1);
  const totals = await select(pool, plan, { bucketed: false, top });
  if (totals.length > maxGroups) {
    throw bucketed ? tooManyBuckets(plan, totals.length) : tooManyCells('take fewer dimensions or a limit');
  }
  budget.takeCells(totals.length * buckets);
  budget.takeBytes(buckets * bytesOf(totals));
  if (!bucketed) return totals;
  const groups = plan.groupBy.map((_, i) => totals.map((row) => String(row.group[i] ?? NULL_GROUP)));
  const rows = totals.length === 0 ? [] : await select(pool, plan, { bucketed, groups });
  return fill(
    plan,
    starts,
    rows,
    totals.map((row) => row.group),
  );
}

/** Bytes of the names of the groups: each is repeated in every bucket. */
function bytesOf(rows: readonly Row[]): number {
  let bytes = 0;
  for (const { group } of rows) for (const value of group) bytes += Buffer.byteLength(String(value));
  return bytes;
}

async function select(pool: ReadPool, plan: Plan, shape: Shape): Promise<Row[]> {
  const { text, values } = valueStatement(plan, shape);
  const result = await pool.query<Record<string, GroupValue>>(text, values);
  const startOf = bucketStartOf(plan);
  return result.rows.map((row) => ({
    time: shape.bucketed && plan.interval !== 'none' ? startOf(Number(row.t)) : undefined,
    group: plan.groupBy.map((_, i) => row[`g${i}`] ?? null),
    value: row.v === null || row.v === undefined ? null : Number(row.v),
  }));
}

/** Where a bucket of local time starts, each computed once. */
function bucketStartOf({ interval, timeZone }: Plan): (instant: number) => number {
  if (interval in FIXED_WIDTH) return (instant) => instant;
  const known = new Map<number, number>();
  return (instant) => {
    let start = known.get(instant);
    if (start === undefined) known.set(instant, (start = firstReading(timeZone, instant)));
    return start;
  };
}

/** Every bucket of every group: a gap is 0 for counts, null for the rest. */
async function fill(
  plan: Plan,
  starts: readonly number[],
  rows: readonly Row[],
  groups: readonly (readonly GroupValue[])[],
): Promise<Row[]> {
  const { op } = plan.metric.formula;
  const gap = op === 'sum' || op === 'distinct' ? 0 : null;
  const times: readonly (number | undefined)[] = plan.interval === 'none' ? [undefined] : starts;
  const filled = times.flatMap((time) => groups.map((group): Row => ({ time, group, value: gap })));
  const placeOfTime = new Map(times.map((time, i) => [time, i * groups.length]));
  const placeOfGroup = new Map(groups.map((group, i) => [JSON.stringify(group), i]));
  await forEachInTurns(rows, ({ time, group, value }) => {
    const cell = filled[placeOfTime.get(time)! + placeOfGroup.get(JSON.stringify(group))!];
    if (cell !== undefined) cell.value = value;
  });
  return filled;
}

type Comparator = (a: Row, b: Row) => number;

/** By time, then by value descending, unless the query says otherwise. Equal rows come in the order of their groups. */
function comparator(orderBy: OrderBy | undefined, plan: Plan): Comparator {
  const byTime: Comparator = (a, b) => (a.time ?? 0) - (b.time ?? 0);
  const byValue =
    (sign: number): Comparator =>
    (a, b) =>
      nullsLast(a.value, b.value, sign);
  const byGroup =
    (i: number, sign: number): Comparator =>
    (a, b) =>
      nullsLast(a.group[i] ?? null, b.group[i] ?? null, sign);
  const rest: Comparator[] = [byTime, byValue(-1), ...plan.groupBy.map((_, i) => byGroup(i, 1))];
  const chain = orderBy === undefined ? rest : [primary(orderBy), ...rest];
  return (a, b) => {
    for (const compare of chain) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };

  function primary({ by, direction }: OrderBy): Comparator {
    const sign = direction === 'asc' ? 1 : -1;
    if (by === 'time') return (a, b) => sign * byTime(a, b);
    if (by === 'value') return byValue(sign);
    return byGroup(
      plan.groupBy.findIndex(({ name }) => name === by),
      sign,
    );
  }
}

function nullsLast(a: GroupValue, b: GroupValue, sign: number): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -sign : sign;
}

async function columnsOf(pool: ReadPool, plan: Plan, rows: readonly Row[]): Promise<Column[]> {
  const columns: Column[] = [];
  if (plan.interval !== 'none') {
    columns.push({ name: 'time', type: 'time', values: await timesOf(rows) });
  }
  for (const [i, dimension] of plan.groupBy.entries()) {
    const values = rows.map((row) => row.group[i] ?? null);
    columns.push({ name: dimension.name, type: dimension.type, values });
    if (dimension.names === undefined) continue;
    const { table, column, optional } = dimension.names;
    const names = await namesOf(pool, plan.tenantId, table, values);
    if (optional && names.size === 0) continue;
    columns.push({ name: column, type: 'string', values: values.map((id) => nameOf(names, id)) });
  }
  columns.push({
    name: 'value',
    type: 'number',
    unit: plan.metric.unit,
    values: rows.map((row) => row.value),
  });
  return columns;
}

/** Each time is formatted once: rows of the same bucket mostly follow each other. */
async function timesOf(rows: readonly Row[]): Promise<string[]> {
  const texts: string[] = [];
  let last: { time: number; text: string } | undefined;
  await forEachInTurns(rows, ({ time = 0 }) => {
    if (last?.time !== time) last = { time, text: formatTime(time) };
    texts.push(last.text);
  });
  return texts;
}

/** Null without an id, and for one without a name. An id may be "null". */
export const nameOf = (names: ReadonlyMap<string, string>, id: GroupValue | undefined): string | null =>
  id == null ? null : (names.get(String(id)) ?? null);

/** Names by id, of the agents or users that have one. */
export async function namesOf(
  pool: ReadPool,
  tenantId: string,
  table: 'agents' | 'users',
  ids: readonly GroupValue[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== null).map(String))];
  if (wanted.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string; name: string }>(
    `SELECT id, name FROM ${table} WHERE tenant_id = $1 AND id = ANY ($2::text[]) AND name IS NOT NULL`,
    [tenantId, wanted],
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}

export const agentNames = (
  pool: ReadPool,
  tenantId: string,
  ids: readonly GroupValue[],
): Promise<Map<string, string>> => namesOf(pool, tenantId, 'agents', ids);
