/** The aggregates of executions as statements, in the form of `projections.ts`: the hour is their finest level. */
import { mergedHistograms } from '../db/histograms.js';
import { partsOf } from '../facts/execution/parts-of.js';
import {
  BACK_IF_SEEN,
  bin,
  coarser,
  IS_BACK,
  type Projection,
  RANGES,
  remove,
  tableOf,
  type Tables,
  timeColumn,
  within,
} from './projections.js';

const EXECUTIONS = `${RANGES} JOIN executions e
  ON e.tenant_id = $1 AND e.started_at >= r.from_at AND e.started_at < r.to_at`;
const BUCKET = bin('hour', 'e.started_at');

/** Rows of a table within the ranges. */
const rowsOf = (tables: Tables): string =>
  `${RANGES} JOIN ${tables.hour} f ON f.tenant_id = $1 AND ${within('hour', 'f')}`;

const list = (columns: readonly string[], prefix = ''): string =>
  columns.map((name) => prefix + name).join(', ');

/** The places of the keys in a select list, from the first one's. */
const places = (keys: readonly string[], first: number): string => keys.map((_, i) => i + first).join(', ');

/** A projection whose figures are plain sums. */
function sums(
  tables: Tables,
  keys: readonly string[],
  figures: readonly string[],
  raw: { keys: readonly string[]; figures: readonly string[]; from: string },
): Projection {
  const groups = places(keys, 3);
  return {
    remove: remove(tables),
    fromRaw: () => `
    INSERT INTO ${tables.hour} (tenant_id, bucket, ${list(keys)}, ${list(figures)})
    SELECT $1, ${BUCKET}, ${list(raw.keys)}, ${list(raw.figures)} FROM ${raw.from} GROUP BY 2, ${groups}`,
    fromFiner: (level) => `
    INSERT INTO ${tableOf(tables, level)} (tenant_id, ${timeColumn(level)}, ${list(keys)}, ${list(figures)})
    SELECT $1, ${coarser(level, 'f.bucket')}, ${list(keys, 'f.')}, ${figures.map((name) => `sum(f.${name})`).join(', ')}
    FROM ${rowsOf(tables)} GROUP BY 2, ${groups}`,
  };
}

const SUMS = [
  'steps',
  'input_tokens',
  'output_tokens',
  'priced_tokens',
  'cost_usd',
  'spend_usd',
  'unpriced',
] as const;
const ADDED = ['executions', 'duration_count', 'duration_sum', ...SUMS];

/** Executions with their durations as a histogram, tokens and cost, by these columns of theirs. */
function executionsBy(tables: Tables, keys: readonly string[]): Projection {
  return {
    remove: remove(tables),
    fromRaw: () => `
    INSERT INTO ${tables.hour} (tenant_id, bucket, ${list(keys)}, ${list(ADDED)}, hist_buckets, hist_counts)
    SELECT $1, bucket, ${list(keys)}, sum(executions), coalesce(sum(executions) FILTER (WHERE duration IS NOT NULL), 0),
           coalesce(sum(duration_sum), 0), ${list(SUMS.map((name) => `sum(${name})`))},
           coalesce(array_agg(duration ORDER BY duration) FILTER (WHERE duration IS NOT NULL), '{}'),
           coalesce(array_agg(executions ORDER BY duration) FILTER (WHERE duration IS NOT NULL), '{}')
    FROM (
      SELECT ${BUCKET} AS bucket, ${list(keys, 'e.')},
             CASE WHEN e.status <> 'running' THEN duration_bucket(e.execution_time_ms) END AS duration,
             count(*)::bigint AS executions,
             sum(e.execution_time_ms) FILTER (WHERE e.status <> 'running') AS duration_sum, sum(e.steps) AS steps,
             sum(e.input_tokens) AS input_tokens, sum(e.output_tokens) AS output_tokens,
             coalesce(sum(e.total_tokens) FILTER (WHERE e.cost_usd IS NOT NULL), 0) AS priced_tokens,
             coalesce(sum(e.cost_usd), 0) AS cost_usd, coalesce(sum(coalesce(e.cost_usd, e.held_usd)), 0) AS spend_usd,
             count(*) FILTER (WHERE e.cost_usd IS NULL) AS unpriced
      FROM ${EXECUTIONS} GROUP BY 1, ${places(keys, 2)}, duration
    ) AS by_duration GROUP BY 2, ${places(keys, 3)}`,
    // Figures and histograms side by side rather than joined: of a table that has grown since it was last analysed the
    // planner takes a join of two small sides for the best, and compares every group with every other.
    fromFiner: (level) => `
    INSERT INTO ${tableOf(tables, level)}
      (tenant_id, ${timeColumn(level)}, ${list(keys)}, ${list(ADDED)}, hist_buckets, hist_counts)
    SELECT $1, at, ${list(keys)}, ${list(ADDED.map((name) => `sum(${name})`))},
           coalesce(array_agg(b ORDER BY b) FILTER (WHERE b IS NOT NULL), '{}'),
           coalesce(array_agg(n ORDER BY b) FILTER (WHERE b IS NOT NULL), '{}')
    FROM (
      SELECT ${coarser(level, 'f.bucket')} AS at, ${list(keys, 'f.')}, NULL AS b, NULL AS n, ${list(ADDED, 'f.')}
      FROM ${rowsOf(tables)}
      UNION ALL
      SELECT at, ${list(keys)}, b, n, ${ADDED.map(() => 'NULL').join(', ')}
      FROM (
        ${mergedHistograms(
          [['at', coarser(level, 'f.bucket')], ...keys.map((name) => [name, `f.${name}`] as const)],
          'f',
          `FROM ${rowsOf(tables)}`,
        )}
      ) AS merged
    ) AS parts GROUP BY 2, ${places(keys, 3)}`,
  };
}

const EXECUTION: Tables = { hour: 'execution_hours', day: 'execution_days' };

/** Every projection of executions. */
export const EXECUTION_PROJECTIONS: readonly Projection[] = [
  executionsBy(EXECUTION, ['agent_id', 'provider', 'model_name', 'status']),
  executionsBy({ hour: 'execution_status_hours', day: 'execution_status_days' }, ['status']),
  executionsBy({ hour: 'execution_user_hours', day: 'execution_user_days' }, ['user_id', 'status']),
  executionsBy({ hour: 'execution_flow_hours', day: 'execution_flow_days' }, ['flow_id', 'status']),
  sums(
    { hour: 'execution_error_hours', day: 'execution_error_days' },
    ['agent_id', 'provider', 'model_name', 'error_type', 'status'],
    ['executions'],
    {
      keys: ['e.agent_id', 'e.provider', 'e.model_name', 'e.error_type', 'e.status'],
      figures: ['count(*)'],
      from: `${EXECUTIONS} AND e.error_type IS NOT NULL`,
    },
  ),
  sums(
    { hour: 'execution_tool_hours', day: 'execution_tool_days' },
    ['agent_id', 'tool_name'],
    ['calls', 'rated', 'successes', 'duration_count', 'duration_sum'],
    {
      keys: ['e.agent_id', 's.tool_name'],
      figures: [
        'count(*)',
        `count(*) FILTER (WHERE s.status <> 'running')`,
        `count(*) FILTER (WHERE s.status = 'success')`,
        'count(s.duration_ms)',
        'coalesce(sum(s.duration_ms), 0)',
      ],
      from: `${EXECUTIONS} JOIN LATERAL (${partsOf('execution_steps')}) AS s ON s.step_type = 'tool_call'`,
    },
  ),
  sums(
    { hour: 'execution_component_hours', day: 'execution_component_days' },
    ['agent_id', 'component', 'provider', 'model_name'],
    ['usages', 'input_tokens', 'output_tokens', 'cost_usd', 'unpriced'],
    {
      // An execution without usages counts as one of no component.
      keys: [
        'e.agent_id',
        'u.component',
        'coalesce(u.provider, e.provider)',
        'coalesce(u.model_name, e.model_name)',
      ],
      figures: [
        'count(*)',
        'sum(CASE WHEN u.usage_key IS NULL THEN e.input_tokens ELSE u.input_tokens END)',
        'sum(CASE WHEN u.usage_key IS NULL THEN e.output_tokens ELSE u.output_tokens END)',
        'coalesce(sum(CASE WHEN u.usage_key IS NULL THEN e.cost_usd ELSE u.cost_usd END), 0)',
        'count(*) FILTER (WHERE CASE WHEN u.usage_key IS NULL THEN e.cost_usd ELSE u.cost_usd END IS NULL)',
      ],
      from: `${EXECUTIONS} LEFT JOIN LATERAL (${partsOf('token_usages')}) AS u ON true`,
    },
  ),
];

/** Keeps first_seen_at and last_seen_at of the agents that ran something in the ranges. */
export const AGENTS_RAN = `
  UPDATE agents a
  SET first_seen_at = least(a.first_seen_at, s.first_at), last_seen_at = greatest(a.last_seen_at, s.last_at), ${BACK_IF_SEEN}
  FROM (
    SELECT e.agent_id, min(e.started_at) AS first_at, max(greatest(e.started_at, CASE WHEN e.completed_at <= now() THEN e.completed_at END)) AS last_at
    FROM ${EXECUTIONS} WHERE e.agent_id IS NOT NULL GROUP BY 1
  ) AS s
  WHERE a.tenant_id = $1 AND a.id = s.agent_id
    AND (${IS_BACK} OR (a.first_seen_at, a.last_seen_at) IS DISTINCT FROM
        (least(a.first_seen_at, s.first_at), greatest(a.last_seen_at, s.last_at)))`;

const moveTotals = (sign: '+' | '-'): string => `
  INSERT INTO execution_totals AS t
    (tenant_id, agent_id, model_name, status, executions, executions_as_other, input_tokens, output_tokens, cost_usd)
  SELECT $1, d.agent_id, d.model_name, d.status, ${sign}sum(d.executions),
         CASE WHEN a.metrics_named THEN 0 ELSE ${sign}sum(d.executions) END, ${sign}sum(d.input_tokens),
         ${sign}sum(d.output_tokens), ${sign}sum(d.cost_usd)
  FROM ${RANGES} JOIN ${EXECUTION.day} d ON d.tenant_id = $1 AND ${within('day', 'd')}
    LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
  GROUP BY 2, 3, 4, a.metrics_named
  ON CONFLICT (tenant_id, agent_id, model_name, status) DO UPDATE
  SET executions = t.executions + excluded.executions,
      executions_as_other = t.executions_as_other + excluded.executions_as_other,
      input_tokens = t.input_tokens + excluded.input_tokens, output_tokens = t.output_tokens + excluded.output_tokens, cost_usd = t.cost_usd + excluded.cost_usd`;

/** All-time totals, moved by the rows of the ranges' days as those of the events are. */
export const executionTotals = { takeOff: moveTotals('-'), putOn: moveTotals('+') };

/** Each figure kept at the highest that it has been. */
function keepHighest(
  table: string,
  keys: readonly string[],
  figures: readonly string[],
  select: string,
): string {
  const higher = (name: string): string => `greatest(c.${name}, excluded.${name})`;
  return `
  INSERT INTO ${table} AS c (tenant_id, ${list(keys)}, ${list(figures)})
  ${select}
  ON CONFLICT (tenant_id, ${list(keys)}) DO UPDATE SET ${figures.map((name) => `${name} = ${higher(name)}`).join(', ')}
  WHERE (${list(figures, 'c.')}) IS DISTINCT FROM (${figures.map(higher).join(', ')})`;
}

/** Rows of a table of the agents that ran something in the ranges' days, and of no agent. */
const ofRan = (table: string): string => `
  SELECT t.* FROM ${table} t WHERE t.tenant_id = $1 AND t.agent_id IN (
    SELECT d.agent_id FROM ${RANGES} JOIN ${EXECUTION.day} d ON d.tenant_id = $1 AND ${within('day', 'd')})
  UNION ALL
  SELECT t.* FROM ${table} t WHERE t.tenant_id = $1 AND t.agent_id IS NULL`;

/** Moves what agents have counted as "other", all together: taken off before theirs is raised, put on again after. */
const moveOther = (sign: '+' | '-'): string => `
  INSERT INTO execution_counters_other AS o (tenant_id, status, executions)
  SELECT $1, status, ${sign}sum(executions_as_other) FROM (${ofRan('execution_agent_counters')}) AS ran GROUP BY status
  ON CONFLICT (tenant_id, status) DO UPDATE SET executions = o.executions + excluded.executions`;

/**
 * What Prometheus is shown of the totals by agent, raised when those of the ranges' days are put on again: no other
 * agent's have risen. In this order.
 */
export const AGENT_COUNTERS = [
  moveOther('-'),
  keepHighest(
    'execution_agent_counters',
    ['agent_id', 'status'],
    ['executions', 'executions_as_other'],
    `SELECT $1, agent_id, status, sum(executions - executions_as_other), sum(executions_as_other)
  FROM (${ofRan('execution_totals')}) AS ran GROUP BY agent_id, status`,
  ),
  moveOther('+'),
];

/** Models of a tenant with series of their own, those with the most tokens. */
const NAMED_MODELS = 20;
/** The model of the row that keeps what has been shown of all others together; no model is called so. */
export const OTHER_MODELS = '';
const MODEL_FIGURES = ['input_tokens', 'output_tokens', 'cost_usd'] as const;

/** The counters of models, and whether each has a series of its own. */
export const RANKED_MODELS = `
  SELECT tenant_id, model_name, ${list(MODEL_FIGURES)}, row_number() OVER (
    PARTITION BY tenant_id ORDER BY input_tokens + output_tokens DESC, model_name) <= ${NAMED_MODELS} AS named
  FROM execution_model_counters WHERE model_name IS DISTINCT FROM '${OTHER_MODELS}'`;

/** The same by model, of a whole tenant; in this order. */
export const MODEL_COUNTERS = [
  keepHighest(
    'execution_model_counters',
    ['model_name'],
    MODEL_FIGURES,
    `SELECT $1, model_name, ${list(MODEL_FIGURES.map((name) => `sum(${name})`))}
  FROM execution_totals WHERE tenant_id = $1 GROUP BY model_name`,
  ),
  // A model that gets a series of its own takes more of one figure along than the one whose place it takes brings back.
  keepHighest(
    'execution_model_counters',
    ['model_name'],
    MODEL_FIGURES,
    `SELECT $1, '${OTHER_MODELS}', ${list(MODEL_FIGURES.map((name) => `sum(${name})`))}
  FROM (${RANKED_MODELS} AND tenant_id = $1) AS ranked WHERE NOT named HAVING count(*) > 0`,
  ),
];
