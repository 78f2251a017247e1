/** The agents and users of a tenant, page by page in the order of their ids. */
import type { ReadPool } from '../../db/read-shares.js';
import {
  AGENT_FIELDS,
  type DirectoryAgent,
  type DirectoryUser,
  USER_FIELDS,
} from '../../tenants/directory.js';
import { ANY_CASE, containing } from '../sql.js';
import { decodeCursor, pageOf } from './cursor.js';

export interface DirectoryRequest {
  /** Part of the id or the name; of users also of the email. */
  search?: string;
  limit: number;
  cursor?: string;
}

interface Page<T> {
  rows: T[];
  next_cursor: string | null;
}

/** $1 the tenant, $2 the id before the page, $3 a LIKE pattern or null, $4 the rows to read. */
const parametersOf = (tenantId: string, { search, limit, cursor }: DirectoryRequest): unknown[] => [
  tenantId,
  cursor === undefined ? '' : decodeCursor(cursor, ['string'])[0],
  search === undefined ? null : containing(search),
  limit + 1,
];

const matching = (...columns: readonly string[]): string =>
  `($3::text IS NULL OR ${columns.map((column) => `${column} ${ANY_CASE} ILIKE $3`).join(' OR ')})`;

function page<T>(rows: readonly T[], limit: number, idOf: (row: T) => string): Page<T> {
  const { rows: shown, nextCursor = null } = pageOf(rows, limit, (row) => [idOf(row)]);
  return { rows: shown, next_cursor: nextCursor };
}

/** Deleted agents are there, with the time of their deletion. */
export async function listAgents(
  pool: ReadPool,
  tenantId: string,
  { tag, ...request }: DirectoryRequest & { tag?: string },
): Promise<Page<DirectoryAgent>> {
  const { rows } = await pool.query<DirectoryAgent>(
    `SELECT ${AGENT_FIELDS} FROM agents a
     WHERE a.tenant_id = $1 AND a.id > $2::text COLLATE "C" AND ${matching('a.id', 'a.name')}
       AND ($5::text IS NULL OR a.tags @> ARRAY[$5::text])
     ORDER BY a.id LIMIT $4`,
    [...parametersOf(tenantId, request), tag ?? null],
  );
  return page(rows, request.limit, ({ agent_id }) => agent_id);
}

export async function listUsers(
  pool: ReadPool,
  tenantId: string,
  request: DirectoryRequest,
): Promise<Page<DirectoryUser>> {
  const { rows } = await pool.query<DirectoryUser>(
    `SELECT ${USER_FIELDS} FROM users u
     WHERE u.tenant_id = $1 AND u.id > $2::text COLLATE "C" AND ${matching('u.id', 'u.name', 'u.email')}
     ORDER BY u.id LIMIT $4`,
    parametersOf(tenantId, request),
  );
  return page(rows, request.limit, ({ user_id }) => user_id);
}
