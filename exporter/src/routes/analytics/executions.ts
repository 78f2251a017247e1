/** `GET /executions` and `GET /executions/:id`: the list of executions, and one with its steps and token usages. */
import { type TSchema, Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { readRoute } from '../../http/route-options.js';
import { ID_PATTERN, NO_NUL } from '../../ids.js';
import { STATUSES, STEP_TYPES } from '../../ingest/executions/schema.js';
import {
  DEFAULT_PAGE_SIZE,
  executionDetail,
  listExecutions,
  SORT_NAMES,
  type SortBy,
} from '../../query/executions/list.js';
import { resolveListRange } from '../../query/executions/period.js';
import { Count, Nullable, Strict, Text, TimeText, Usd } from '../../schemas.js';
import { ExecutionParams, executionPeriodParameters } from '../shared/executions.js';

const tag = 'Executions and cost';
const MAX_PAGE_SIZE = 200;
/** Limit on the values of one filter. */
const MAX_VALUES = 100;

const AnId = Type.String({ pattern: ID_PATTERN });
const Word = Type.String({ minLength: 1, maxLength: 256, pattern: NO_NUL });
/** A filter of one or more values. */
const anyOf = <T extends TSchema>(items: T, description: string) =>
  Type.Optional(Type.Array(items, { minItems: 1, maxItems: MAX_VALUES, description }));
const ListQuery = Strict({
  status: anyOf(Type.String({ enum: [...STATUSES] }), 'Only these statuses. Every filter may be repeated.'),
  agent_id: anyOf(AnId, 'Only of these agents.'),
  user_id: anyOf(AnId, 'Only of these users.'),
  session_id: anyOf(AnId, 'Only of these sessions.'),
  flow_id: anyOf(AnId, 'Only of these flows.'),
  model_name: anyOf(Word, 'Only of these models.'),
  error_type: anyOf(Word, 'Only with these kinds of error.'),
  q: Type.Optional(Type.String({ ...Word, description: 'Part of the preview, case-insensitive.' })),
  ...executionPeriodParameters,
  period: Type.Optional({ ...executionPeriodParameters.period, default: undefined }),
  start_time: Type.Optional(TimeText('Started at this RFC 3339 time or later; in place of `start_date`.')),
  end_time: Type.Optional(TimeText('Started before this RFC 3339 time; in place of `end_date`.')),
  sort_by: Type.Optional(
    Type.String({
      enum: SORT_NAMES,
      default: 'started_at',
      description: 'An unknown time or cost sorts below every known one.',
    }),
  ),
  sort_order: Type.Optional(Type.String({ enum: ['asc', 'desc'], default: 'desc' })),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: 1 })),
  page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE })),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      description: '`next_cursor` of the previous page, in place of `page`.',
    }),
  ),
});

const Status = Type.String({ enum: [...STATUSES] });

const row = {
  id: Type.String(),
  request_id: Text,
  session_id: Text,
  agent_id: Text,
  agent_name: Text,
  agent_type: Text,
  flow_id: Text,
  user_id: Text,
  provider: Text,
  model_name: Text,
  status: Status,
  started_at: TimeText('When it began.'),
  completed_at: Nullable(TimeText('When it ended.')),
  execution_time_ms: Nullable(Type.Number()),
  llm_time_ms: Nullable(Type.Number()),
  input_tokens: Count('With cached ones.'),
  output_tokens: Count('With reasoning ones.'),
  total_tokens: Count('Input and output.'),
  cached_input_tokens: Count('Read from a cache.'),
  cache_write_tokens: Count('Written to a cache.'),
  reasoning_tokens: Count('Of reasoning.'),
  cost_usd: Nullable(Usd('Null where it is unpriced.')),
  cost_source: Type.String({ enum: ['reported', 'computed', 'unpriced'] }),
  query_preview: Text,
  error_type: Text,
  error_message: Text,
  tags: Type.Array(Type.String()),
  reservation_id: Text,
  step_count: Count('Steps.'),
};

const ExecutionList = Strict({
  items: Type.Array(Strict(row)),
  page: Nullable(Type.Integer({ description: 'Null if a cursor was given.' })),
  page_size: Type.Integer(),
  total: Count('Executions that match the filters.'),
  total_pages: Count('Pages.'),
  next_cursor: Nullable(Type.String({ description: 'Null on the last page.' })),
});

const ExecutionDetail = Strict({
  ...row,
  steps: Type.Array(
    Strict({
      step_number: Type.Integer(),
      step_type: Type.String({ enum: [...STEP_TYPES] }),
      content: Text,
      tool_name: Text,
      status: Nullable(Status),
      input_tokens: Count('Input.'),
      output_tokens: Count('Output.'),
      duration_ms: Nullable(Type.Number()),
      timestamp: Nullable(TimeText('When it began.')),
    }),
  ),
  token_usages: Type.Array(
    Strict({
      id: Text,
      component: Type.String(),
      provider: Text,
      model: Text,
      step_number: Nullable(Type.Integer()),
      input_tokens: Count('With cached ones.'),
      output_tokens: Count('With reasoning ones.'),
      total_tokens: Count('Input and output.'),
      cached_input_tokens: Count('Read from a cache.'),
      cache_write_tokens: Count('Written to a cache.'),
      reasoning_tokens: Count('Of reasoning.'),
      cost_usd: Nullable(Usd('Null where it is unpriced.')),
      cost_source: Type.String({ enum: ['reported', 'computed', 'unpriced'] }),
    }),
  ),
});

export default function routes(app: App, { pool, now }: RouteContext): void {
  app.get(
    '/executions',
    readRoute({
      summary: 'Executions, page by page',
      tag,
      querystring: ListQuery,
      answer: ExecutionList,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request) => {
      const { period, start_date, end_date, start_time, end_time, sort_by, sort_order, ...rest } =
        request.query;
      const range = resolveListRange({ period, start_date, end_date, start_time, end_time }, now());
      return listExecutions(pool, tenantOf(request), {
        ...rest,
        ...range,
        sort_by: sort_by as SortBy | undefined,
        sort_order: sort_order as 'asc' | 'desc' | undefined,
      });
    },
  );

  app.get(
    '/executions/:id',
    readRoute({
      summary: 'One execution with its steps and token usages',
      tag,
      params: ExecutionParams,
      answer: ExecutionDetail,
      errors: ['EXECUTION_NOT_FOUND'],
    }),
    (request) => executionDetail(pool, tenantOf(request), request.params.id.toLowerCase()),
  );
}
