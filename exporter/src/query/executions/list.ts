/** Executions one by one: a page of the list, and one with its steps and token usages. */
import type { Pool } from 'pg';
import { toWire } from '../../costs/money.js';
import { AppError, errorCode } from '../../errors.js';
import { formatTime } from '../../time.js';
import { decodeCursor, encodeCursor } from '../reports/cursor.js';
import { conditionsOf, countExecutions, type ExecutionFilters } from './filters.js';

/** By what the list can be sorted: the column or expression that an index has, and the type of its values. */
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

export interface ExecutionRow {
  id: string;
  request_id: string | null;
  session_id: string | null;
  agent_id: string | null;
  agent_name: string | null;
  agent_type: string | null;
  flow_id: string | null;
  user_id: string | null;
  provider: string | null;
  model_name: string | null;
  status: string;
  started_at: string;
  completed_at: string | null;
  execution_time_ms: number | null;
  llm_time_ms: number | null;
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  cost_usd: number | null;
  cost_source: string;
  query_preview: string | null;
  error_type: string | null;
  error_message: string | null;
  tags: string[];
  reservation_id: string | null;
  step_count: number;
}

type Raw = Omit<ExecutionRow, 'started_at' | 'completed_at' | 'cost_usd'> & {
  started_at: Date;
  completed_at: Date | null;
  cost_usd: string | null;
};

const COLUMNS = `e.id, e.request_id, e.session_id, e.agent_id, a.name AS agent_name, e.agent_type, e.flow_id, e.user_id,
  e.provider, e.model_name, e.status, e.started_at, e.completed_at, e.execution_time_ms, e.llm_time_ms, e.input_tokens,
  e.output_tokens, e.total_tokens, e.cached_input_tokens, e.cache_write_tokens, e.reasoning_tokens, e.cost_usd,
  e.cost_source, e.query_preview, e.error_type, e.error_message, e.tags, e.reservation_id, e.steps AS step_count`;
const FROM = 'executions e LEFT JOIN agents a ON a.tenant_id = e.tenant_id AND a.id = e.agent_id';

const wireRow = ({ started_at, completed_at, cost_usd, ...row }: Raw): ExecutionRow => ({
  ...row,
  started_at: formatTime(started_at.getTime()),
  completed_at: completed_at === null ? null : formatTime(completed_at.getTime()),
  cost_usd: toWire(cost_usd),
});

export interface ExecutionPage {
  items: ExecutionRow[];
  /** Null where a cursor was followed. */
  page: number | null;
  page_size: number;
  total: number;
  total_pages: number;
  next_cursor: string | null;
}

/** @throws AppError VALIDATION_ERROR for a cursor of another list */
export async function listExecutions(
  pool: Pool,
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
  const conditions = conditionsOf(tenantId, request);
  const { where, values } = conditions;
  const total = await countExecutions(pool, request, conditions);
  const ids =
    cursor === undefined
      ? await pageIds(pool, where, values, sort_by, sort_order, (page - 1) * page_size, page_size, total)
      : await idsAfter(pool, where, values, sort_by, sort_order, cursor, page_size);
  const more = ids.length > page_size;
  const shown = ids.slice(0, page_size);
  const last = shown.at(-1);
  return {
    items: await readRows(
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

/** A page by its place; from the end where that is nearer. */
async function pageIds(
  pool: Pool,
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
  // One more than shown, which tells whether there is a next page.
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
  pool: Pool,
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
      // Class 22: a key that is no time or number; this service has not given it out.
      if (errorCode(error)?.startsWith('22') !== true) throw error;
      throw new AppError('VALIDATION_ERROR', 'cursor must be the next_cursor of the page before');
    });
  return rows;
}

/** In the order of the ids. */
async function readRows(pool: Pool, tenantId: string, ids: readonly string[]): Promise<ExecutionRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<Raw>(
    `SELECT ${COLUMNS} FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, place)
     JOIN ${FROM} ON e.tenant_id = $1 AND e.id = wanted.id ORDER BY wanted.place`,
    [tenantId, ids],
  );
  return rows.map(wireRow);
}

export interface StepRow {
  step_number: number;
  step_type: string;
  content: string | null;
  tool_name: string | null;
  status: string | null;
  input_tokens: number;
  output_tokens: number;
  duration_ms: number | null;
  timestamp: string | null;
}

export interface UsageRow {
  id: string | null;
  component: string;
  provider: string | null;
  model: string | null;
  step_number: number | null;
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  cost_usd: number | null;
  cost_source: string;
}

export type ExecutionDetail = ExecutionRow & { steps: StepRow[]; token_usages: UsageRow[] };

/** @throws AppError EXECUTION_NOT_FOUND for one of another tenant or of none */
export async function executionDetail(pool: Pool, tenantId: string, id: string): Promise<ExecutionDetail> {
  const [row] = await readRows(pool, tenantId, [id]);
  if (row === undefined) throw new AppError('EXECUTION_NOT_FOUND', `there is no execution "${id}"`);
  const [steps, usages] = await Promise.all([
    pool.query<Omit<StepRow, 'timestamp'> & { occurred_at: Date | null }>(
      `SELECT step_number, step_type, content, tool_name, status, input_tokens, output_tokens, duration_ms, occurred_at
       FROM execution_steps WHERE tenant_id = $1 AND execution_id = $2 ORDER BY step_number`,
      [tenantId, id],
    ),
    pool.query<Omit<UsageRow, 'cost_usd'> & { cost_usd: string | null }>(
      `SELECT usage_id AS id, component, provider, model_name AS model, step_number, input_tokens, output_tokens,
              input_tokens + output_tokens AS total_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens,
              cost_usd, cost_source
       FROM token_usages WHERE tenant_id = $1 AND execution_id = $2 ORDER BY position`,
      [tenantId, id],
    ),
  ]);
  return {
    ...row,
    steps: steps.rows.map(({ occurred_at, ...step }) => ({
      ...step,
      timestamp: occurred_at === null ? null : formatTime(occurred_at.getTime()),
    })),
    token_usages: usages.rows.map((usage) => ({ ...usage, cost_usd: toWire(usage.cost_usd) })),
  };
}
