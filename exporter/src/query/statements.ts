/** One statement a metric: its value by bucket and group, whatever the formula. */
import type { Dimension, DimensionName } from '../catalog/index.js';
import { isState, measuresOf } from '../catalog/index.js';
import { mergedHistograms } from '../db/histograms.js';
import { type Key, type Shape, tail } from './shape.js';
import { stateStatement } from './state.js';
import { type Plan } from './plan.js';
import {
  baseSql,
  bucketSql,
  dimensionSql,
  formulaSql,
  NULL_GROUP,
  Parameters,
  type Statement,
  whereSql,
} from './sql.js';

/** Rows `{ t?: ms, g0, g1, …, v }`; `g` in the order of `groupBy`. */
export function valueStatement(plan: Plan, shape: Shape): Statement {
  if (isState(plan.metric)) return stateStatement(plan, shape);
  const parameters = new Parameters();
  const { formula } = plan.metric;
  const used = plan.groupBy.map(({ name }) => name);
  const base = baseSql(plan, measuresOf(formula), used, parameters);
  const keys = keysOf(plan, shape, parameters);
  const from = `FROM base b ${joinGroups(plan.groupBy, plan, shape, parameters)} ${whereSql(plan, parameters)}`;
  const body = bodyOf(plan, keys, from, parameters);
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
export function joinGroups(
  groupBy: readonly Dimension[],
  plan: Pick<Plan, 'timeZone'>,
  shape: Shape,
  parameters: Parameters,
): string {
  if (shape.groups === undefined || groupBy.length === 0) return '';
  const arrays = shape.groups.map((values) => `${parameters.add(values)}::text[]`).join(', ');
  const columns = groupBy.map((_, i) => `k${i}`).join(', ');
  const on = groupBy.map(({ name }, i) => `${groupKey(name, plan.timeZone, parameters)} = chosen.k${i}`);
  return `JOIN unnest(${arrays}) AS chosen (${columns}) ON ${on.join(' AND ')}`;
}

const groupKey = (name: DimensionName, timeZone: string, parameters: Parameters): string =>
  `coalesce((${dimensionSql(name, timeZone, parameters)})::text, '${NULL_GROUP}')`;

/** The select list and grouping of a formula, over `from`. */
function bodyOf(plan: Plan, keys: readonly Key[], from: string, parameters: Parameters): string {
  const { formula } = plan.metric;
  const selected = keys.map(({ name, sql }) => `${sql} AS ${name}, `).join('');
  const names = keys.map(({ name }) => name);
  const by = (more: readonly string[] = []): string => {
    const all = [...names, ...more];
    return all.length === 0 ? '' : `GROUP BY ${all.join(', ')}`;
  };
  const list = names.map((name) => `${name}, `).join('');
  if (formula.op === 'percentile') {
    const window = names.length === 0 ? '' : `PARTITION BY ${names.join(', ')}`;
    return `, exploded AS (
  ${mergedHistograms(
    keys.map(({ name, sql }) => [name, sql]),
    'b',
    from,
  )}
), ranked AS (
  SELECT *, sum(n) OVER (${window} ORDER BY b) AS running, sum(n) OVER (${window}) AS total FROM exploded
)
SELECT ${list}duration_of_bucket(min(b) FILTER (WHERE running >= ceil(total * ${parameters.add(formula.p)}::numeric))) AS v
FROM ranked ${by()}`;
  }
  if (formula.op === 'meanInterval') {
    return `, spans AS (
  SELECT ${selected}extract(epoch FROM max(b.last_at) - min(b.first_at)) / 86400 AS days, sum(b.count) - 1 AS gaps
  ${from}${from.includes('WHERE') ? ' AND' : ' WHERE'} b.agent_id IS NOT NULL ${by(['b.agent_id'])}
)
SELECT ${list}(sum(days) / nullif(sum(gaps), 0))::float8 AS v FROM spans ${by()}`;
  }
  return `\nSELECT ${selected}${formulaSql(formula, plan.source)} AS v ${from} ${by()}`;
}
