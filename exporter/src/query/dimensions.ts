/** Values of a dimension, for template variables and ad-hoc filters. */
import type { Pool } from 'pg';
import { type DimensionName, findDimension, WEEKDAYS } from '../catalog/index.js';
import { AppError } from '../errors.js';
import { DAY, formatDate } from '../time.js';
import { ANY_CASE, globToLike } from './sql.js';

export const MAX_VALUES = 10_000;

export interface DimensionValue {
  value: string;
  label: string;
}

/** How far back values are looked for that are listed nowhere. */
const SEEN_DAYS = 90;

const STATUSES = `SELECT DISTINCT status_code AS code FROM endpoint_days
  WHERE tenant_id = $1 AND date >= $4::date AND status_code > 0`;

/** Values that the days of an aggregate have had. */
const seen = (
  table: string,
  column: string,
): string => `SELECT DISTINCT ${column} AS value, ${column} AS label FROM ${table}
  WHERE tenant_id = $1 AND date >= $4::date AND ${column} ${ANY_CASE} ILIKE $2 ORDER BY 1 LIMIT $3`;

/** $1 the tenant, $2 a LIKE pattern, $3 the limit, $4 the first day that is looked at. */
const STORED: Record<Exclude<DimensionName, 'weekday' | 'hourOfDay'>, string> = {
  agent: `SELECT id AS value, coalesce(name, id) AS label FROM agents
    WHERE tenant_id = $1 AND deleted_at IS NULL AND (id ${ANY_CASE} ILIKE $2 OR name ILIKE $2) ORDER BY lower(coalesce(name, id)), id LIMIT $3`,
  endpoint: `SELECT value, value AS label FROM (
      SELECT endpoint AS value FROM endpoint_names WHERE tenant_id = $1
      UNION SELECT endpoint FROM endpoint_days WHERE tenant_id = $1 AND date >= $4::date
    ) AS names WHERE value ${ANY_CASE} ILIKE $2 ORDER BY 1 LIMIT $3`,
  statusCode: `SELECT code::text AS value, code::text AS label FROM (${STATUSES}) AS s WHERE code::text ILIKE $2 ORDER BY code LIMIT $3`,
  statusClass: `SELECT DISTINCT code / 100 || 'xx' AS value, code / 100 || 'xx' AS label FROM (${STATUSES}) AS s
    WHERE code / 100 || 'xx' ILIKE $2 ORDER BY 1 LIMIT $3`,
  executionStatus: seen('execution_days', 'status'),
  model: seen('execution_component_days', 'model_name'),
  provider: seen('execution_component_days', 'provider'),
  user: seen('execution_user_days', 'user_id'),
  flow: seen('execution_flow_days', 'flow_id'),
  tool: seen('execution_tool_days', 'tool_name'),
  errorType: seen('execution_error_days', 'error_type'),
  component: seen('execution_component_days', 'component'),
};

const pad = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`;

const FIXED: Record<'weekday' | 'hourOfDay', readonly DimensionValue[]> = {
  weekday: WEEKDAYS.map((label, i) => ({ value: String(i), label })),
  hourOfDay: Array.from({ length: 24 }, (_, hour) => ({
    value: String(hour),
    label: `${pad(hour)}–${pad(hour + 1)}`,
  })),
};

/**
 * Values whose name contains `search` (or matches it, where it has a `*`), in order.
 * @throws AppError NOT_FOUND for a dimension that there is not
 */
export async function dimensionValues(
  pool: Pool,
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
  if (dimension.name === 'weekday' || dimension.name === 'hourOfDay') {
    const wanted = globToRegExp(glob);
    return FIXED[dimension.name].filter(({ label }) => wanted.test(label)).slice(0, limit);
  }
  const since = dimension.name === 'agent' ? [] : [formatDate(now - SEEN_DAYS * DAY)];
  const values = [tenantId, globToLike(glob), limit, ...since];
  const { rows } = await pool.query<DimensionValue>(STORED[dimension.name], values);
  return rows;
}

function globToRegExp(glob: string): RegExp {
  const literal = glob.split(/\*+/).map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 'iu');
}
