/** What is written into the directory by hand: the name, tags and creator of an agent, the name and email of a user. */
import type { Pool } from 'pg';
import { AppError } from '../errors.js';
import { setAgentDeleted } from './agents.js';
import type { Registry } from './registry.js';

/** Agents and users of a tenant up to which new ones can be entered. Those of facts are registered beyond it too. */
export const MAX_ENTERED = 100_000;

/** What is left out stays. */
export interface AgentEntry {
  name?: string | null;
  tags?: readonly string[];
  created_by?: string | null;
}

export interface DirectoryAgent {
  agent_id: string;
  name: string | null;
  tags: string[];
  /** The user who created it. */
  created_by: string | null;
  first_seen_at: Date | null;
  last_seen_at: Date | null;
  last_rotated_at: Date | null;
  deleted_at: Date | null;
}

export interface UserEntry {
  name?: string | null;
  email?: string | null;
}

export interface DirectoryUser {
  user_id: string;
  name: string | null;
  email: string | null;
  created_at: Date;
  last_seen_at: Date | null;
}

export const AGENT_FIELDS =
  'a.id AS agent_id, a.name, a.tags, a.created_by, a.first_seen_at, a.last_seen_at, a.last_rotated_at, a.deleted_at';
export const USER_FIELDS = 'u.id AS user_id, u.name, u.email, u.created_at, u.last_seen_at';

/** Whether the row is there or has room. Only a new row has to be counted. */
const hasRoom = (table: string): string => `
  EXISTS (SELECT FROM ${table} WHERE tenant_id = $1 AND id = $2)
  OR (SELECT count(*) FROM (SELECT FROM ${table} WHERE tenant_id = $1 LIMIT ${MAX_ENTERED}) AS known) < ${MAX_ENTERED}`;

/** What can be entered, with its type. */
const TYPES = { name: 'text', tags: 'text[]', created_by: 'text', email: 'text' } as const;
type Entered = keyof typeof TYPES;

/** Writes the columns, whose values are the parameters from $3 on. */
function upsert(table: string, row: string, columns: readonly Entered[], fields: string): string {
  const values = columns.map((column, i) => `$${i + 3}::${TYPES[column]}`);
  // The id, so that there is always something to set, and the row is answered.
  const set = ['id', ...columns].map((column) => `${column} = excluded.${column}`);
  if (table === 'agents') set.push('deleted_at = NULL');
  return `
    INSERT INTO ${table} AS ${row} (${['tenant_id', 'id', ...columns].join(', ')})
    SELECT ${['$1', '$2', ...values].join(', ')} WHERE ${hasRoom(table)}
    ON CONFLICT (tenant_id, id) DO UPDATE SET ${set.join(', ')}
    RETURNING ${fields}`;
}

const full = (what: string): AppError =>
  new AppError(
    'CONFLICT',
    `there are ${MAX_ENTERED} ${what} already, the most that can be entered; further ones are registered by their facts`,
  );

/**
 * Enters an agent, or changes what is given of it. One that was deleted is restored.
 * @throws AppError CONFLICT for a new one where there is no room
 */
export async function putAgent(
  pool: Pool,
  registry: Registry,
  tenantId: string,
  agentId: string,
  { tags, ...entry }: AgentEntry,
): Promise<DirectoryAgent> {
  await registry.register(tenantId, []);
  const given: Record<string, unknown> = { ...entry, ...(tags && { tags: [...new Set(tags)] }) };
  const columns = (['name', 'tags', 'created_by'] as const).filter((column) => given[column] !== undefined);
  const { rows } = await pool.query<DirectoryAgent>(upsert('agents', 'a', columns, AGENT_FIELDS), [
    tenantId,
    agentId,
    ...columns.map((column) => given[column]),
  ]);
  registry.agents.forget(tenantId, agentId);
  if (rows[0] === undefined) throw full('agents');
  return rows[0];
}

/** @throws AppError AGENT_NOT_FOUND */
export async function deleteAgent(pool: Pool, tenantId: string, agentId: string): Promise<void> {
  if ((await setAgentDeleted(pool, tenantId, agentId, true)) === undefined)
    throw new AppError('AGENT_NOT_FOUND', `there is no agent "${agentId}"`);
}

/**
 * Enters a user, or changes what is given of them.
 * @throws AppError CONFLICT for a new one where there is no room
 */
export async function putUser(
  pool: Pool,
  registry: Registry,
  tenantId: string,
  userId: string,
  entry: UserEntry,
): Promise<DirectoryUser> {
  await registry.register(tenantId, []);
  const columns = (['name', 'email'] as const).filter((column) => entry[column] !== undefined);
  const { rows } = await pool.query<DirectoryUser>(upsert('users', 'u', columns, USER_FIELDS), [
    tenantId,
    userId,
    ...columns.map((column) => entry[column]),
  ]);
  registry.users.forget(tenantId, userId);
  if (rows[0] === undefined) throw full('users');
  return rows[0];
}

/**
 * Forgets a user's name and email. The id stays, because facts have it.
 * @throws AppError NOT_FOUND
 */
export async function forgetUser(
  pool: Pool,
  registry: Registry,
  tenantId: string,
  userId: string,
): Promise<void> {
  const { rowCount } = await pool.query(
    'UPDATE users SET name = NULL, email = NULL WHERE tenant_id = $1 AND id = $2',
    [tenantId, userId],
  );
  registry.users.forget(tenantId, userId);
  if (rowCount === 0) throw new AppError('NOT_FOUND', `there is no user "${userId}"`);
}
