/** Values of a dimension, for template variables and ad-hoc filters. */
import { aggregateBy, AGGREGATES, endpoint, tableOf } from '../aggregates/index.js';
import {
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

type Directory = Exclude<Extract<ValueSource, { directory: string }>['directory'], Named>;

/** $1 the tenant, $2 a LIKE pattern, $3 the limit, and where `sinceDay` is true $4 the first day that is looked at. */
interface Lookup {
  sql: string;
  sinceDay: boolean;
}

const DIRECTORIES: Record<Directory, Lookup> = {
  agentTags: {
    sql: `SELECT DISTINCT t.tag AS value, t.tag AS label FROM agents a, unnest(a.tags) AS t (tag)
      WHERE a.tenant_id = $1 AND a.deleted_at IS NULL AND t.tag ILIKE $2 ORDER BY 1 LIMIT $3`,
    sinceDay: false,
  },
  // Names in use, and those that have been freed meanwhile.
  endpoints: {
    sql: `SELECT value, value AS label FROM (
        SELECT endpoint AS value FROM endpoint_names WHERE tenant_id = $1
        UNION SELECT endpoint FROM ${tableOf(endpoint, 'day')} WHERE tenant_id = $1 AND date >= $4::date
      ) AS names WHERE value ${ANY_CASE} ILIKE $2 ORDER BY 1 LIMIT $3`,
    sinceDay: true,
  },
};

/** Values that the days of aggregates have had. */
function seen(dimension: Dimension, aggregateNames?: readonly string[]): Lookup {
  const name = dimension.name as StoredDimension;
  const sources =
    aggregateNames === undefined
      ? [aggregateBy([name])]
      : aggregateNames.map((wanted) => AGGREGATES.find((candidate) => candidate.name === wanted));
  const value = carriedSql(name, 'd');
  const values = sources.map((source) => {
    if (source === undefined) throw new Error(`no aggregate has values of ${name}`);
    return `SELECT ${value} AS value FROM ${tableOf(source, 'day')} d ${joinEach([name], 'd', () => '$1')}
        WHERE d.tenant_id = $1 AND date >= $4::date AND (${value})::text ${ANY_CASE} ILIKE $2`;
  });
  return {
    sql: `SELECT value::text AS value, value::text AS label
      FROM (SELECT DISTINCT value FROM (${values.join(' UNION ALL ')}) AS each) AS seen
      ORDER BY seen.value LIMIT $3`,
    sinceDay: true,
  };
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
): Promise<DimensionValue[]> {
  const dimension = findDimension(name);
  if (dimension === undefined)
    throw new AppError('NOT_FOUND', `there is no dimension "${name.slice(0, 64)}"`);
  const glob = search.includes('*') ? search : `*${search}*`;
  const { values } = dimension;
  if (values !== undefined && 'fixed' in values) {
    const wanted = globToRegExp(glob);
    return values.fixed.filter(({ label }) => wanted.test(label)).slice(0, limit);
  }
  if (values !== undefined && 'directory' in values) {
    const { directory } = values;
    if (directory === 'agents' || directory === 'users')
      return searchNames(pool, tenantId, directory, glob, limit);
    return lookUp(DIRECTORIES[directory]);
  }
  return lookUp(seen(dimension, values?.seenIn));

  async function lookUp({ sql, sinceDay }: Lookup): Promise<DimensionValue[]> {
    const since = sinceDay ? [formatDate(now - SEEN_DAYS * DAY)] : [];
    const { rows } = await pool.query<DimensionValue>(sql, [tenantId, globToLike(glob), limit, ...since]);
    return rows;
  }
}

function globToRegExp(glob: string): RegExp {
  const literal = glob.split(/\*+/).map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 'iu');
}
