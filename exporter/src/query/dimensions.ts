/** Values of a dimension, for template variables and ad-hoc filters. */
import { type Aggregate, aggregateBy, AGGREGATES, endpoint, tableOf } from '../aggregates/index.js';
import {
  columnOf,
  type Dimension,
  type DimensionValue,
  findDimension,
  type StoredDimension,
  type ValueSource,
} from '../catalog/index.js';
import { AppError } from '../errors.js';
import { DAY, formatDate } from '../time.js';
import { joinEach } from './each.js';
import { type Named, type NamesPool, searchNames } from './names.js';
import { ANY_CASE, carriedSql, globToLike } from './sql.js';

export const MAX_VALUES = 10_000;

/** How far back values are looked for that are listed nowhere. */
const SEEN_DAYS = 90;

/** Rows that a search looks at, where values are listed nowhere: of each aggregate the latest days, of agents some. */
export const MAX_LOOKED_AT = 100_000;

type Directory = Exclude<Extract<ValueSource, { directory: string }>['directory'], Named>;

/** Rows that values are searched in. */
interface Source {
  /** The rows, in an order that an index has. */
  rows: string;
  /** Of a row `d`. */
  value: string;
  /** Joined with each row, where it has several values. */
  join?: string;
}

const inDays = (aggregate: Aggregate, column: string): string =>
  `SELECT ${column} FROM ${tableOf(aggregate, 'day')} WHERE tenant_id = $1 AND date >= $5::date ORDER BY date DESC LIMIT $4 + 1`;

const DIRECTORIES: Record<Directory, readonly Source[]> = {
  agentTags: [
    {
      rows: 'SELECT tags FROM agents WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $4 + 1',
      value: 't.tag',
      join: 'CROSS JOIN LATERAL unnest(d.tags) AS t (tag)',
    },
  ],
  // Names in use, and those that have been freed meanwhile.
  endpoints: [
    {
      rows: 'SELECT endpoint FROM endpoint_names WHERE tenant_id = $1 ORDER BY endpoint LIMIT $4 + 1',
      value: 'd.endpoint',
    },
    { rows: inDays(endpoint, 'endpoint'), value: 'd.endpoint' },
  ],
};

/** Values that the days of aggregates have had. */
function seen(dimension: Dimension, aggregateNames?: readonly string[]): Source[] {
  const name = dimension.name as StoredDimension;
  const sources =
    aggregateNames === undefined
      ? [aggregateBy([name])]
      : aggregateNames.map((wanted) => AGGREGATES.find((candidate) => candidate.name === wanted));
  return sources.map((source) => {
    if (source === undefined) throw new Error(`no aggregate has values of ${name}`);
    return {
      rows: inDays(source, columnOf(name)),
      value: carriedSql(name, 'd'),
      join: joinEach([name], 'd', () => '$1'),
    };
  });
}

/**
 * $1 the tenant, $2 a LIKE pattern, $3 the values that are shown, $4 the rows that are looked at of each source, $5 the first
 * day. The last row says whether there were more.
 */
export const valuesSql = (sources: readonly Source[]): string => {
  const rows = sources.map((source, i) => `rows${i} AS MATERIALIZED (${source.rows})`);
  const values = sources.map(
    ({ value, join = '' }, i) => `SELECT (${value})::text AS value FROM rows${i} d ${join}`,
  );
  const isCut = sources.map((_, i) => `(SELECT count(*) FROM rows${i}) > $4`);
  // OFFSET keeps the planner from comparing before it has made the values distinct. A parameter that is not used is an error.
  return `WITH ${rows.join(', ')}, known AS (
      SELECT DISTINCT value FROM (${values.join(' UNION ALL ')}) AS each OFFSET 0)
    (SELECT value, NULL::boolean AS truncated FROM known WHERE value ${ANY_CASE} ILIKE $2 ORDER BY value LIMIT $3)
    UNION ALL (SELECT NULL, (${isCut.join(' OR ')}) AND $5::date IS NOT NULL)`;
};

/** Where the values of a dimension are looked for; undefined if they are fixed, or have names. */
export function sourcesOf(dimension: Dimension): readonly Source[] | undefined {
  const { values } = dimension;
  if (values !== undefined && 'fixed' in values) return undefined;
  if (values !== undefined && 'directory' in values) {
    const { directory } = values;
    return directory === 'agents' || directory === 'users' ? undefined : DIRECTORIES[directory];
  }
  return seen(dimension, values?.seenIn);
}

export interface FoundValues {
  values: DimensionValue[];
  /** There were more rows than were looked at, so that values may be missing. */
  truncated?: true;
}

/**
 * Values whose name contains `search` (or matches it, where it has a `*`), in order.
 * @throws AppError NOT_FOUND for an unknown dimension
 */
export async function dimensionValues(
  pool: NamesPool,
  tenantId: string,
  name: string,
  search: string,
  limit: number,
  now: number,
): Promise<FoundValues> {
  const dimension = findDimension(name);
  if (dimension === undefined)
    throw new AppError('NOT_FOUND', `there is no dimension "${name.slice(0, 64)}"`);
  const glob = search.includes('*') ? search : `*${search}*`;
  const { values } = dimension;
  if (values !== undefined && 'fixed' in values) {
    const wanted = globToRegExp(glob);
    return { values: values.fixed.filter(({ label }) => wanted.test(label)).slice(0, limit) };
  }
  const sources = sourcesOf(dimension);
  if (sources === undefined) {
    const { directory } = values as { directory: Named };
    return { values: await searchNames(pool, tenantId, directory, glob, limit) };
  }
  const { rows } = await pool.query<{ value: string; truncated: boolean | null }>(valuesSql(sources), [
    ...[tenantId, globToLike(glob), limit, MAX_LOOKED_AT],
    formatDate(now - SEEN_DAYS * DAY),
  ]);
  const truncated = rows.pop()?.truncated === true;
  return { values: rows.map(({ value }) => ({ value, label: value })), ...(truncated && { truncated }) };
}

function globToRegExp(glob: string): RegExp {
  const literal = glob.split(/\*+/).map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 'iu');
}
