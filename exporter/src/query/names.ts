/**
 * Agents and users by name, for menus. A search reads some names at a time, in their order, so that no statement is longer for
 * a tenant that has more of them, and other tenants take turns in between.
 */
import type { DimensionValue } from '../catalog/index.js';
import type { ReadPool } from '../db/read-shares.js';
import { ANY_CASE, globToLike } from './sql.js';

/** Names that one statement reads. */
const NAMES_AT_A_TIME = 10_000;

export type Named = 'agents' | 'users';

const CONDITIONS: Record<Named, string> = { agents: 'AND deleted_at IS NULL', users: '' };

/** As the indexes `agents_in_order` and `users_in_order` have it. */
const ORDER = 'lower(coalesce(name, id))';

/**
 * $1 the tenant, $2 a LIKE pattern, $3 and $4 the place after which it begins, $5 the names that are read, $6 those that are
 * shown. The last row is the place where it ended.
 */
export const namesSql = (table: Named): string => `
  WITH names AS MATERIALIZED (
    SELECT id, coalesce(name, id) AS label, name, ${ORDER} AS place FROM ${table}
    WHERE tenant_id = $1 ${CONDITIONS[table]} AND (${ORDER}, id) > ($3::text COLLATE "C", $4::text COLLATE "C")
    ORDER BY ${ORDER}, id LIMIT $5
  )
  (SELECT id, label, place, NULL::int AS read FROM names WHERE id ${ANY_CASE} ILIKE $2 OR name ILIKE $2
   ORDER BY place, id LIMIT $6)
  UNION ALL
  (SELECT id, label, place, (SELECT count(*) FROM names)::int FROM names ORDER BY place DESC, id DESC LIMIT 1)`;

interface Row {
  id: string;
  label: string;
  place: string;
  /** How many names were read; null for one that is shown. */
  read: number | null;
}

/** What is read is charged to the tenant, if the pool counts it. */
export interface NamesPool extends ReadPool {
  charge?(count: number): void;
}

/** Those whose name or id fits the glob, in the order of their names. */
export async function searchNames(
  pool: NamesPool,
  tenantId: string,
  table: Named,
  glob: string,
  limit: number,
): Promise<DimensionValue[]> {
  const pattern = globToLike(glob);
  // Everything fits, so no more has to be read than is shown.
  const size = /^%+$/.test(pattern) ? limit : NAMES_AT_A_TIME;
  const found: DimensionValue[] = [];
  let after = ['', ''];
  for (;;) {
    const { rows } = await pool.query<Row>(namesSql(table), [
      ...[tenantId, pattern, ...after],
      ...[size, limit - found.length],
    ]);
    const last = rows.pop();
    found.push(...rows.map(({ id, label }) => ({ value: id, label })));
    pool.charge?.(last?.read ?? 0);
    if (last === undefined || last.read! < size || found.length >= limit) return found;
    after = [last.place, last.id];
  }
}
