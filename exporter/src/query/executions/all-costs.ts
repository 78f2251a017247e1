/** Costs of all kinds: of models, of tools, and the items that no execution carries. */
import type { ReadPool } from '../../db/read-shares.js';
import { Parameters } from '../../db/parameters.js';
import { formatUsd, parseUsd, toWire } from '../../money.js';
import { baseSql } from '../base.js';
import { foldedSql } from '../fold.js';
import { percentOf } from '../metric-value.js';
import type { PlannedFilter } from '../plan.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { whereSql } from '../sql.js';

const KINDS = ['model', 'tool', 'storage', 'other'] as const;
type Kind = (typeof KINDS)[number];

/** Numeric text, exact. */
export interface Costs extends Record<Kind | 'total', string> {
  executions: number;
  unpriced: number;
}

export interface GroupCosts extends Costs {
  /** Whether it is all groups that are not shown by themselves. */
  isRest: boolean;
  agent: string | null;
  /** UTC. */
  date: string | null;
}

export interface CostRequest {
  range: Range;
  filters?: readonly PlannedFilter[];
  by?: readonly ('agent' | 'date')[];
  /** Groups at most, and one more for all others. Default: all. */
  limit?: number;
}

const GROUPS = {
  agent: { sql: 'b.agent_id', type: 'text' },
  date: { sql: `(b.at AT TIME ZONE 'UTC')::date`, type: 'date' },
} as const;

const SUMS = [...KINDS, 'total', 'executions', 'unpriced'];

/** One row a group, without groups a single one; the most expensive first, and all others last. */
export async function allCosts(
  pool: ReadPool,
  tenantId: string,
  { limit, ...request }: CostRequest,
): Promise<GroupCosts[]> {
  const parameters = new Parameters();
  const { ctes, from } = costGroups(tenantId, request, parameters);
  const rows =
    limit === undefined
      ? `SELECT *, false AS is_rest FROM ${from}`
      : foldedSql({
          from,
          keys: ['agent', 'date'],
          sums: SUMS,
          order: 'total DESC, agent, date',
          limit: `${parameters.add(limit)}::int`,
        });
  const { rows: groups } = await pool.query<GroupCosts>(
    `WITH ${ctes} SELECT agent, date, is_rest AS "isRest", ${[...KINDS, 'total'].join(', ')},
       executions::float8, unpriced::float8
     FROM (${rows}) AS shown ORDER BY is_rest, total DESC, agent, date`,
    parameters.values,
  );
  return groups;
}

/** Rows of one group each, as SQL. */
export function costGroups(
  tenantId: string,
  { range, filters = [], by = [] }: CostRequest,
  parameters: Parameters,
): { ctes: string; from: string } {
  const selection = selectionOf(tenantId, { metric: 'total_cost_usd', range, filters });
  const base = baseSql(selection, ['totalCost'], ['agent'], parameters);
  const sums = KINDS.map((kind) => `coalesce(sum(b.${kind}_usd), 0) AS ${kind}`);
  const total = KINDS.map((kind) => `b.${kind}_usd`).join(' + ');
  const groups = Object.entries(GROUPS).map(
    ([name, { sql, type }]) => `${by.some((known) => known === name) ? sql : `NULL::${type}`} AS ${name}`,
  );
  const rows = `SELECT ${[...groups, ...sums].join(', ')}, coalesce(sum(${total}), 0) AS total,
       coalesce(sum(b.executions), 0) AS executions, coalesce(sum(b.unpriced), 0) AS unpriced
     FROM base b ${whereSql(selection, parameters)} ${by.length === 0 ? '' : `GROUP BY ${by.join(', ')}`}`;
  return { ctes: base, from: `(${rows}) AS groups` };
}

export async function costsOf(pool: ReadPool, tenantId: string, request: CostRequest): Promise<Costs> {
  const [costs] = await allCosts(pool, tenantId, request);
  return costs!;
}

type Total = Pick<Costs, 'total' | 'model' | 'executions' | 'unpriced'>;

/** Null where there are executions and nothing is known of what they cost. */
export const knownTotal = ({ total, model, executions, unpriced }: Total): number | null =>
  executions > 0 && unpriced === executions && Number(total) === Number(model) ? null : toWire(total);

/** The parts on the wire. */
export const partsOf = ({ model, tool, storage, other }: Record<Kind, string>) => ({
  model_costs: toWire(model),
  tool_costs: toWire(tool),
  storage_costs: toWire(storage),
  other_costs: toWire(other),
});

export const addCosts = <K extends string>(keys: readonly K[], a: Record<K, string>, b: Record<K, string>) =>
  Object.fromEntries(keys.map((key) => [key, formatUsd(parseUsd(a[key]) + parseUsd(b[key]))])) as Record<
    K,
    string
  >;

/** Percent of the whole cost; null where there is none. */
export const shareOfCost = (cost: string, whole: string): number | null =>
  percentOf(Number(cost), Number(whole));

export const COST_KEYS = [...KINDS, 'total'] as const;
