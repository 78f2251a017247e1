/** One statement a metric: its value by bucket and group, whatever the formula. */
import { type Dimension, type DimensionName, isState, measuresOf } from '../catalog/index.js';
import { Parameters, type Statement } from '../db/parameters.js';
import { baseSql } from './base.js';
import { joinEach } from './each.js';
import { percentileSql, rankedDurations } from './percentiles.js';
import type { Plan } from './plan.js';
import { groupBy, type Key, type Shape, tail } from './shape.js';
import { bucketSql, countedSql, dimensionSql, formulaSql, NULL_GROUP, whereSql } from './sql.js';
import { stateStatement } from './state.js';

/** Rows `{ t?: ms, g0, g1, …, v }`; `g` in the order of `groupBy`. */
export function valueStatement(plan: Plan, shape: Shape): Statement {
  if (isState(plan.metric)) return stateStatement(plan, shape);
  const parameters = new Parameters();
  const used = plan.groupBy.map(({ name }) => name);
  const base = baseSql(plan, measuresOf(plan.metric.formula), used, parameters);
  const keys = keysOf(plan, shape, parameters);
  const conditions = whereSql(plan, parameters, used);
  const each = joinEach(used, 'b', () => parameters.add(plan.tenantId));
  const from = `FROM base b ${each} ${joinGroups(plan.groupBy, plan, shape, parameters)}`;
  const body = bodyOf(plan, keys, { from, where: conditions }, parameters, shape.counted);
  return { text: `WITH ${base}${body} ${tail(keys, shape, parameters)}`, values: parameters.values };
}

function keysOf(plan: Plan, shape: Shape, parameters: Parameters): Key[] {
  const keys = plan.groupBy.map(({ name }, i) => ({
    name: `g${i}`,
    sql: dimensionSql(name, plan.timeZone, parameters),
  }));
  if (!shape.bucketed || plan.interval === 'none') return keys;
  const bucket = bucketSql(plan.interval, plan.timeZone, parameters);
  return [{ name: 't', sql: `(extract(epoch FROM ${bucket}) * 1000)::float8` }, ...keys];
}

/** A join by plain equality, so that many groups cost a hash and not a comparison each. */
function joinGroups(
  dimensions: readonly Dimension[],
  plan: Pick<Plan, 'timeZone'>,
  shape: Shape,
  parameters: Parameters,
): string {
  if (shape.groups === undefined || dimensions.length === 0) return '';
  const arrays = shape.groups.map((values) => `${parameters.add(values)}::text[]`).join(', ');
  const columns = dimensions.map((_, i) => `k${i}`).join(', ');
  const on = dimensions.map(({ name }, i) => `${groupKey(name, plan.timeZone, parameters)} = chosen.k${i}`);
  return `JOIN unnest(${arrays}) AS chosen (${columns}) ON ${on.join(' AND ')}`;
}

const groupKey = (name: DimensionName, timeZone: string, parameters: Parameters): string =>
  `coalesce((${dimensionSql(name, timeZone, parameters)})::text, '${NULL_GROUP}')`;

interface Rows {
  from: string;
  /** A WHERE clause, or nothing. */
  where: string;
}

/** What follows the base rows: the formula by the keys. */
function bodyOf(
  plan: Plan,
  keys: readonly Key[],
  rows: Rows,
  parameters: Parameters,
  withCount = false,
): string {
  const { formula } = plan.metric;
  const names = keys.map(({ name }) => name);
  const listed = names.map((name) => `${name}, `).join('');
  const selected = keys.map(({ name, sql }) => `${sql} AS ${name}, `).join('');
  const from = `${rows.from} ${rows.where}`;
  if (formula.op === 'percentile') {
    const p = `${parameters.add(formula.p)}::numeric`;
    return `, ${rankedDurations(keys, 'b', from)}
SELECT ${listed}${percentileSql(p)} AS v${withCount ? ', max(total)::float8 AS n' : ''} FROM ranked ${groupBy(names)}`;
  }
  if (formula.op === 'meanInterval') {
    const withAgent = `${rows.where === '' ? 'WHERE' : `${rows.where} AND`} b.agent_id IS NOT NULL`;
    return `, spans AS (
  SELECT ${selected}extract(epoch FROM max(b.last_at) - min(b.first_at)) / 86400 AS days, sum(b.count) - 1 AS gaps
  ${rows.from} ${withAgent} ${groupBy([...names, 'b.agent_id'])}
)
SELECT ${listed}(sum(days) / nullif(sum(gaps), 0))::float8 AS v FROM spans ${groupBy(names)}`;
  }
  const counted = withCount ? countedSql(formula, plan.source) : undefined;
  const n = counted === undefined ? '' : `, ${counted} AS n`;
  return `\nSELECT ${selected}${formulaSql(formula, plan.source)} AS v${n} ${from} ${groupBy(names)}`;
}
