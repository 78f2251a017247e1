/** The list of executions, page by page. */
import type { ReadPool } from '../../db/read-shares.js';
import { AppError, errorCode } from '../../errors.js';
import type { Shown } from '../../facts/column.js';
import { EXECUTION } from '../../facts/execution/columns.js';
import { showing, shownSql } from '../../facts/shown.js';
import { decodeCursor, encodeCursor } from '../reports/cursor.js';
import { conditionsOf, countExecutions, type ExecutionFilters } from './filters.js';
import { type Subtree, subtreesOf } from './tree.js';

/** What the list can be sorted by: the indexed column or expression, and the type of its values. */
const SORTS = {
  started_at: { sql: 'started_at', type: 'timestamptz' },
  execution_time_ms: { sql: 'coalesce(execution_time_ms, -1)', type: 'double precision' },
  cost_usd: { sql: 'coalesce(cost_usd, -1)', type: 'numeric' },
  total_tokens: { sql: 'total_tokens', type: 'bigint' },
} as const;
export type SortBy = keyof typeof SORTS;
export const SORT_NAMES = Object.keys(SORTS) as SortBy[];

export interface ListRequest extends ExecutionFilters {
  sort_by?: SortBy;
  sort_order?: 'asc' | 'desc';
  page?: number;
  page_size?: number;
  cursor?: string;
}

export const DEFAULT_PAGE_SIZE = 50;

export type ShownExecution = Shown<typeof EXECUTION.columns> & { subtree: Subtree };

const showExecution = showing(EXECUTION);

/** As the list shows it. */
export type ListedExecution = ShownExecution & {
  /** The tool of the last step, or the type of one that is no tool call; null without steps. */
  last_step: string | null;
};

export interface ExecutionPage {
  items: ListedExecution[];
  /** Null if a cursor was given. */
  page: number | null;
  page_size: number;
  total: number;
  total_pages: number;
  next_cursor: string | null;
}

/** @throws AppError VALIDATION_ERROR for a cursor of another list */
export async function listExecutions(
  pool: ReadPool,
  tenantId: string,
  request: ListRequest,
): Promise<ExecutionPage> {
  const {
    sort_by = 'started_at',
    sort_order = 'desc',
    page_size = DEFAULT_PAGE_SIZE,
    cursor,
    page = 1,
  } = request;
  const { where, values } = conditionsOf(tenantId, request);
  const total = await countExecutions(pool, tenantId, request);
  const ids =
    cursor === undefined
      ? await pageIds(pool, where, values, sort_by, sort_order, (page - 1) * page_size, page_size, total)
      : await idsAfter(pool, where, values, sort_by, sort_order, cursor, page_size);
  const more = ids.length > page_size;
  const shown = ids.slice(0, page_size);
  const last = shown.at(-1);
  return {
    items: await listed(
      pool,
      tenantId,
      shown.map(({ id }) => id),
    ),
    page: cursor === undefined ? page : null,
    page_size,
    total,
    total_pages: Math.ceil(total / page_size),
    next_cursor: more && last !== undefined ? encodeCursor([sort_by, sort_order, last.key, last.id]) : null,
  };
}

interface Place {
  id: string;
  /** Value of the sort, as text. */
  key: string;
}

const REVERSED = { asc: 'desc', desc: 'asc' } as const;

/** A page by its number, read from the end of the list where that is nearer. */
async function pageIds(
  pool: ReadPool,
  where: string,
  values: readonly unknown[],
  sortBy: SortBy,
  order: 'asc' | 'desc',
  skip: number,
  size: number,
  total: number,
): Promise<Place[]> {
  if (skip >= total) return [];
  const { sql } = SORTS[sortBy];
  // One more than is shown, to see whether there is a next page.
  const take = Math.min(size + 1, total - skip);
  const fromEnd = skip > total / 2;
  const direction = fromEnd ? REVERSED[order] : order;
  const offset = fromEnd ? total - skip - take : skip;
  const { rows } = await pool.query<Place>(
    `SELECT id, (${sql})::text AS key FROM executions WHERE ${where}
     ORDER BY ${sql} ${direction}, id ${direction} LIMIT ${take} OFFSET ${Math.max(0, offset)}`,
    [...values],
  );
  return fromEnd ? rows.reverse() : rows;
}

async function idsAfter(
  pool: ReadPool,
  where: string,
  values: readonly unknown[],
  sortBy: SortBy,
  order: 'asc' | 'desc',
  cursor: string,
  size: number,
): Promise<Place[]> {
  const [by, direction, key, id] = decodeCursor(cursor, ['string', 'string', 'string', 'string']);
  if (by !== sortBy || direction !== order) {
    throw new AppError(
      'VALIDATION_ERROR',
      `cursor is of a list sorted by ${by} ${direction}; keep its sort_by and sort_order`,
    );
  }
  const { sql, type } = SORTS[sortBy];
  const than = order === 'desc' ? '<' : '>';
  const [keyPlace, idPlace] = [`$${values.length + 1}`, `$${values.length + 2}`];
  const { rows } = await pool
    .query<Place>(
      `SELECT id, (${sql})::text AS key FROM executions
     WHERE ${where} AND (${sql}, id) ${than} (${keyPlace}::${type}, ${idPlace}::uuid)
     ORDER BY ${sql} ${order}, id ${order} LIMIT ${size + 1}`,
      [...values, key, id],
    )
    .catch((error: unknown) => {
      // Class 22: the key is no valid time or number, so it is not from this service.
      if (errorCode(error)?.startsWith('22') !== true) throw error;
      throw new AppError('VALIDATION_ERROR', 'cursor must be the next_cursor of the page before');
    });
  return rows;
}

/** In the order of the ids, with the last step of each. */
async function listed(pool: ReadPool, tenantId: string, ids: readonly string[]): Promise<ListedExecution[]> {
  const [executions, { rows }] = await Promise.all([
    readExecutions(pool, tenantId, ids),
    pool.query<{ id: string; last_step: string }>(
      `SELECT wanted.id, last.last_step FROM unnest($2::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
         SELECT CASE WHEN s.step_type = 'tool_call' THEN coalesce(s.tool_name, s.step_type) ELSE s.step_type END AS last_step
         FROM execution_steps s WHERE s.tenant_id = $1 AND s.execution_id = wanted.id
         ORDER BY s.step_number DESC LIMIT 1
       ) AS last`,
      [tenantId, ids],
    ),
  ]);
  const steps = new Map(rows.map(({ id, last_step }) => [id, last_step]));
  return executions.map((execution) => ({ ...execution, last_step: steps.get(execution.id) ?? null }));
}

/** In the order of the ids. */
export async function readExecutions(
  pool: ReadPool,
  tenantId: string,
  ids: readonly string[],
): Promise<ShownExecution[]> {
  if (ids.length === 0) return [];
  const [{ rows }, subtrees] = await Promise.all([
    pool.query<Record<string, unknown>>(
      `SELECT ${shownSql(EXECUTION, 'e')} FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, place)
     JOIN executions e ON e.tenant_id = $1 AND e.id = wanted.id ORDER BY wanted.place`,
      [tenantId, ids],
    ),
    subtreesOf(pool, tenantId, ids),
  ]);
  return rows.flatMap((row) => {
    const execution = showExecution(row);
    // Missing if the execution came in between the two statements, or was dropped.
    const subtree = subtrees.get(execution.id);
    return subtree === undefined ? [] : [{ ...execution, subtree }];
  });
}
