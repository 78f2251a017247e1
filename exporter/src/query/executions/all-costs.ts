/** Costs of all kinds: of models, of tools, and the items that no execution carries. */
import type { ReadPool } from '../../db/read-shares.js';
import { Parameters } from '../../db/parameters.js';
import { formatUsd, parseUsd, toWire } from '../../money.js';
import { baseSql } from '../base.js';
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
  agent: string | null;
  /** UTC. */
  date: string | null;
}

export interface CostRequest {
  range: Range;
  filters?: readonly PlannedFilter[];
  by?: readonly ('agent' | 'date')[];
}

const GROUPS = { agent: 'b.agent_id', date: `(b.at AT TIME ZONE 'UTC')::date` } as const;

/** One row a group, without groups a single one; the most expensive first. */
export async function allCosts(
  pool: ReadPool,
  tenantId: string,
  { range, filters = [], by = [] }: CostRequest,
): Promise<GroupCosts[]> {
  const selection = selectionOf(tenantId, {
    ...{ metric: 'total_cost_usd', range, filters },
    // The ragged ends of a range are made of hours.
    inDays: true,
  });
  const parameters = new Parameters();
  const base = baseSql(selection, ['totalCost'], ['agent'], parameters);
  const sums = KINDS.map((kind) => `coalesce(sum(b.${kind}_usd), 0) AS ${kind}`);
  const total = KINDS.map((kind) => `b.${kind}_usd`).join(' + ');
  const groups = (['agent', 'date'] as const).map(
    (name) => `${by.includes(name) ? GROUPS[name] : 'NULL'} AS ${name}`,
  );
  const { rows } = await pool.query<GroupCosts>(
    `WITH ${base} SELECT ${[...groups, ...sums].join(', ')}, coalesce(sum(${total}), 0) AS total,
       coalesce(sum(b.executions), 0)::float8 AS executions, coalesce(sum(b.unpriced), 0)::float8 AS unpriced
     FROM base b ${whereSql(selection, parameters)}
     ${by.length === 0 ? '' : `GROUP BY ${by.join(', ')}`} ORDER BY total DESC, agent, date`,
    parameters.values,
  );
  return rows;
}

export async function costsOf(pool: ReadPool, tenantId: string, request: CostRequest): Promise<Costs> {
  const [costs] = await allCosts(pool, tenantId, request);
  return costs!;
}

/** Null where there are executions and nothing is known of what they cost. */
export const knownTotal = ({ total, model, executions, unpriced }: Costs): number | null =>
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
