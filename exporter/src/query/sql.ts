/** Plans into SQL. Values travel as parameters; only names from the catalog and this file stand in the text. */
import {
  type DimensionName,
  ERROR_STATUS,
  type Formula,
  type Interval,
  type Measure,
  METRIC_TYPES,
  type Source,
} from '../catalog/index.js';
import { formatDate } from '../time.js';
import type { Plan, PlannedFilter } from './plan.js';

export class Parameters {
  readonly values: unknown[] = [];

  /** Adds a value and answers its placeholder. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

export interface Statement {
  text: string;
  values: unknown[];
}

/** What a statement is made of: a plan without what only shapes the answer. */
export type Selection = Pick<
  Plan,
  'tenantId' | 'source' | 'range' | 'segments' | 'timeZone' | 'roundHours' | 'filters'
>;

const isUsage = (source: Source): boolean => source.name === 'usage';

/** Stands for null in a list of groups, so that they can be joined by plain equality. No id or name is empty. */
export const NULL_GROUP = '';

/** What a measure is made of, by the columns of its sources. */
const MEASURE_COLUMNS: Record<Measure, readonly string[]> = {
  calls: ['calls'],
  errors: ['calls', 'status_code'],
  issuances: [],
  failures: [],
  rotations: [],
  durationSum: ['duration_sum'],
  durationCount: ['duration_count'],
  durations: ['hist_buckets', 'hist_counts'],
  agents: ['agent_id'],
  tokenAgents: ['agent_id'],
  executionAgents: ['agent_id'],
  rotationTimes: ['agent_id', 'first_at', 'last_at'],
  executions: ['executions'],
  finished: ['executions', 'status'],
  succeeded: ['executions', 'status'],
  unsuccessful: ['executions', 'status'],
  executionDurationSum: ['duration_sum'],
  executionDurationCount: ['duration_count'],
  executionDurations: ['hist_buckets', 'hist_counts'],
  steps: ['steps'],
  inputTokens: ['input_tokens'],
  outputTokens: ['output_tokens'],
  totalTokens: ['input_tokens', 'output_tokens'],
  pricedTokens: ['priced_tokens'],
  costUsd: ['cost_usd', 'unpriced'],
  unpriced: ['unpriced'],
  toolCalls: ['calls'],
  toolRated: ['rated'],
  toolSuccesses: ['successes'],
  toolDurationSum: ['duration_sum'],
  toolDurationCount: ['duration_count'],
};

/** The column that carries a dimension. */
const DIMENSION_COLUMN: Record<Exclude<DimensionName, 'weekday' | 'hourOfDay'>, string> = {
  agent: 'agent_id',
  endpoint: 'endpoint',
  statusCode: 'status_code',
  statusClass: 'status_code',
  executionStatus: 'status',
  model: 'model_name',
  provider: 'provider',
  user: 'user_id',
  flow: 'flow_id',
  tool: 'tool_name',
  errorType: 'error_type',
  component: 'component',
};

/** What has a price, or has none. */
export const countedColumn = (source: Source): 'usages' | 'executions' =>
  source.name === 'executionComponent' ? 'usages' : 'executions';

function columnsOf(
  source: Source,
  measures: readonly Measure[],
  dimensions: readonly DimensionName[],
): string[] {
  // The usage tables count every measure in one column, told apart by the type of the event.
  const counted = isUsage(source)
    ? [
        'agent_id',
        'metric_type',
        'count',
        ...(measures.includes('rotationTimes') ? ['first_at', 'last_at'] : []),
      ]
    : measures.flatMap((measure) => [
        ...MEASURE_COLUMNS[measure],
        ...(measure === 'costUsd' ? [countedColumn(source)] : []),
      ]);
  const carried = dimensions.flatMap((name) =>
    name === 'weekday' || name === 'hourOfDay' ? [] : [DIMENSION_COLUMN[name]],
  );
  return [...new Set([...counted, ...carried])];
}

/** The rows of the range, from every level that has a part in it, as `base` with the bucket's start in `at`. */
export function baseSql(
  selection: Selection,
  measures: readonly Measure[],
  dimensions: readonly DimensionName[],
  parameters: Parameters,
): string {
  const { source, segments, range, roundHours } = selection;
  const all = [...dimensions, ...selection.filters.map((filter) => filter.dimension)];
  const columns = columnsOf(source, measures, all);
  const tenant = parameters.add(selection.tenantId);
  const types = metricTypesOf(measures);
  const ofType =
    isUsage(source) && types.length > 0 ? ` AND metric_type = ANY (${parameters.add(types)}::text[])` : '';
  const branches = segments.map(({ level, from, to }) => {
    const table = source.tables[level];
    if (table === undefined) throw new Error(`${source.name} keeps no ${level}`);
    const where = `FROM ${table} WHERE tenant_id = ${tenant}${ofType}`;
    if (level === 'day') {
      const dates = `date >= ${parameters.add(formatDate(from))}::date AND date < ${parameters.add(formatDate(to))}::date`;
      return `SELECT date::timestamp AT TIME ZONE 'UTC' AS at, ${columns.join(', ')} ${where} AND ${dates}`;
    }
    const rounds = roundHours && level === 'hour';
    const at = rounds ? `bucket + interval '30 minutes'` : 'bucket';
    const [first, last] = rounds ? [range.from, Math.min(range.to, to)] : [from, to];
    const times = `${at} >= ${parameters.add(new Date(first))} AND ${at} < ${parameters.add(new Date(last))}`;
    // The plain bound beside the rounded one is what the index can use.
    const bound = rounds
      ? ` AND bucket >= ${parameters.add(new Date(from))} AND bucket < ${parameters.add(new Date(to))}`
      : '';
    return `SELECT ${at} AS at, ${columns.join(', ')} ${where} AND ${times}${bound}`;
  });
  const rows = branches.join('\n  UNION ALL ');
  return `base AS (\n  ${rows === '' ? emptyRows(columns, source) : rows}\n)`;
}

/** A range without any instant still has columns. */
function emptyRows(columns: readonly string[], source: Source): string {
  return `SELECT bucket AS at, ${columns.join(', ')} FROM ${source.tables.hour} WHERE false`;
}

/** Measures that are no count of their own, by the counts of the events that they look at. */
const COUNTED_BY: Partial<Record<Measure, readonly Measure[]>> = {
  rotationTimes: ['rotations'],
  tokenAgents: ['issuances', 'failures'],
};

function metricTypesOf(measures: readonly Measure[]): string[] {
  if (measures.includes('agents')) return [];
  const wanted = measures.flatMap((measure) => COUNTED_BY[measure] ?? [measure]);
  return Object.entries(METRIC_TYPES).flatMap(([type, measure]) => (wanted.includes(measure) ? [type] : []));
}

/** A dimension of a base row. */
export function dimensionSql(name: DimensionName, timeZone: string, parameters: Parameters): string {
  switch (name) {
    case 'statusCode':
      return 'nullif(b.status_code, 0)::int';
    case 'statusClass':
      return `CASE WHEN b.status_code > 0 THEN (b.status_code / 100)::text || 'xx' END`;
    case 'weekday':
      return `extract(dow FROM b.at AT TIME ZONE ${parameters.add(timeZone)}::text)::int`;
    case 'hourOfDay':
      return `extract(hour FROM b.at AT TIME ZONE ${parameters.add(timeZone)}::text)::int`;
    default:
      return `b.${DIMENSION_COLUMN[name]}`;
  }
}

/** Start of the bucket that a base row falls into. */
export function bucketSql(
  interval: Exclude<Interval, 'none'>,
  timeZone: string,
  parameters: Parameters,
): string {
  switch (interval) {
    case 'minute':
      return 'b.at';
    case '5m':
    case '15m':
      return `date_bin('${interval === '5m' ? 5 : 15} minutes', b.at, timestamptz 'epoch')`;
    case 'hour':
      return `date_bin('1 hour', b.at, timestamptz 'epoch')`;
    case '6h': {
      const zone = `${parameters.add(timeZone)}::text`;
      const local = `(b.at AT TIME ZONE ${zone})`;
      return `(date_bin('6 hours', ${local}, timestamp '2000-01-01')) AT TIME ZONE ${zone}`;
    }
    default:
      return `date_trunc('${interval}', b.at, ${parameters.add(timeZone)}::text)`;
  }
}

const literalLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** `*` is the only wildcard; whatever LIKE takes for one is escaped. */
export const globToLike = (glob: string): string => literalLike(glob).replace(/\*+/g, '%');

/** A LIKE pattern for what has this within it, letter by letter. */
export const containing = (text: string): string => `%${literalLike(text)}%`;

/** Keys sort by bytes, and by bytes only ASCII has cases. */
export const ANY_CASE = 'COLLATE "default"';

export function filterSql(filter: PlannedFilter, selection: Selection, parameters: Parameters): string {
  const column = dimensionSql(filter.dimension, selection.timeZone, parameters);
  const numeric = filter.values.some((value) => typeof value === 'number');
  if (filter.operator === 'matches') {
    const patterns = `${parameters.add(filter.values.map((value) => globToLike(String(value))))}::text[]`;
    const own = `(${column})::text ${ANY_CASE} ILIKE ANY (${patterns})`;
    if (filter.dimension !== 'agent') return own;
    const tenant = parameters.add(selection.tenantId);
    return `(${own} OR b.agent_id IN (SELECT id FROM agents WHERE tenant_id = ${tenant} AND name ILIKE ANY (${patterns})))`;
  }
  const list = `${parameters.add(filter.values)}::${numeric ? 'int' : 'text'}[]`;
  const within = `(${column})${numeric ? '' : '::text'} = ANY (${list})`;
  return filter.operator === 'in' ? within : `(${within}) IS NOT TRUE`;
}

export function whereSql(selection: Selection, parameters: Parameters): string {
  const conditions = selection.filters.map((filter) => filterSql(filter, selection, parameters));
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

/** A measure as an aggregate over base rows. */
function measureSql(measure: Measure, source: Source): string {
  switch (measure) {
    case 'calls':
    case 'issuances':
    case 'failures':
    case 'rotations':
      return isUsage(source)
        ? `sum(b.count) FILTER (WHERE b.metric_type = '${typeOf(measure)}')`
        : 'sum(b.calls)';
    case 'errors':
      return `sum(b.calls) FILTER (WHERE b.status_code >= ${ERROR_STATUS})`;
    case 'durationSum':
      return 'sum(b.duration_sum)';
    case 'durationCount':
      return 'sum(b.duration_count)';
    case 'agents':
    case 'executionAgents':
      return 'count(DISTINCT b.agent_id)';
    case 'tokenAgents':
      return `count(DISTINCT b.agent_id) FILTER (WHERE b.metric_type IN ('token_issuances', 'token_failures'))`;
    case 'executions':
      return 'sum(b.executions)';
    case 'finished':
      return `sum(b.executions) FILTER (WHERE b.status <> 'running')`;
    case 'succeeded':
      return `sum(b.executions) FILTER (WHERE b.status = 'success')`;
    case 'unsuccessful':
      return `sum(b.executions) FILTER (WHERE b.status NOT IN ('running', 'success'))`;
    case 'executionDurationSum':
    case 'toolDurationSum':
      return 'sum(b.duration_sum)';
    case 'executionDurationCount':
    case 'toolDurationCount':
      return 'sum(b.duration_count)';
    case 'steps':
      return 'sum(b.steps)';
    case 'inputTokens':
      return 'sum(b.input_tokens)';
    case 'outputTokens':
      return 'sum(b.output_tokens)';
    case 'totalTokens':
      return 'sum(b.input_tokens + b.output_tokens)';
    case 'pricedTokens':
      return 'sum(b.priced_tokens)';
    case 'costUsd': {
      // Where nothing has a price, what it costs is not known, and not $0.
      return `CASE WHEN sum(b.unpriced) < sum(b.${countedColumn(source)}) OR count(*) = 0
                THEN coalesce(round(sum(b.cost_usd), 6), 0) END`;
    }
    case 'unpriced':
      return 'sum(b.unpriced)';
    case 'toolCalls':
      return 'sum(b.calls)';
    case 'toolRated':
      return 'sum(b.rated)';
    case 'toolSuccesses':
      return 'sum(b.successes)';
    case 'durations':
    case 'executionDurations':
    case 'rotationTimes':
      throw new Error(`${measure} is no sum`);
  }
}

function typeOf(measure: Measure): string {
  const entry = Object.entries(METRIC_TYPES).find(([, counted]) => counted === measure);
  if (entry === undefined) throw new Error(`no event counts ${measure}`);
  return entry[0];
}

/** A formula over base rows; percentiles, intervals and ages have statements of their own. */
export function formulaSql(formula: Formula, source: Source): string {
  switch (formula.op) {
    case 'sum':
      if (formula.of === 'costUsd') return `(${measureSql(formula.of, source)})::float8`;
      return `coalesce(${measureSql(formula.of, source)}, 0)::float8`;
    case 'distinct':
      return `coalesce(${measureSql(formula.of, source)}, 0)::float8`;
    case 'percent': {
      const whole = formula.of.map((measure) => `coalesce(${measureSql(measure, source)}, 0)`).join(' + ');
      return `(100.0 * coalesce(${measureSql(formula.part, source)}, 0) / nullif(${whole}, 0))::float8`;
    }
    case 'mean':
      return `(${measureSql(formula.sum, source)} / nullif(${measureSql(formula.count, source)}, 0))::float8`;
    default:
      throw new Error(`${formula.op} has a statement of its own`);
  }
}
