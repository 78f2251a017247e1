/** `GET /executions` and `GET /executions/:id`: the list of executions, and one with its children, steps and token usages. */
import { Type } from 'typebox';
import { EXECUTION } from '../../facts/execution/columns.js';
import { STEP } from '../../facts/step/columns.js';
import { word } from '../../facts/types.js';
import { USAGE } from '../../facts/usage/columns.js';
import { filterProperties, shownProperties } from '../../facts/wire.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendLarge } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { DEFAULT_PAGE_SIZE, listExecutions, SORT_NAMES, type SortBy } from '../../query/executions/list.js';
import { executionDetail, MAX_DETAIL_BYTES, MAX_DETAIL_PARTS } from '../../query/executions/detail.js';
import { LEVELS } from '../../query/executions/filters.js';
import { resolveListRange } from '../../query/executions/period.js';
import { CHILD_FIELDS, MAX_CHILDREN, MAX_SUMMED } from '../../query/executions/tree.js';
import { Count, Nullable, Strict, TimeText, UsdOfOne } from '../../schemas.js';
import { ExecutionParams, executionPeriodParameters } from '../shared/executions.js';
import { Cursor, NextPage } from '../shared/cursors.js';

const tag = 'Executions and cost';
const MAX_PAGE_SIZE = 200;

const ListQuery = Strict({
  ...filterProperties(EXECUTION),
  level: Type.Optional(
    Type.Unsafe<(typeof LEVELS)[number] | 'all'>(
      Type.String({
        enum: [...LEVELS, 'all'],
        description:
          '`top`: executions that no other has called; `nested`: the others. Default: `top`, and `all` where `parent_execution_id` is given.',
      }),
    ),
  ),
  q: Type.Optional(
    Type.Unsafe<string>({ ...word.sent, description: 'Part of the preview, case-insensitive.' }),
  ),
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

const fields = shownProperties(EXECUTION);
const childFields = Object.fromEntries(CHILD_FIELDS.map((name) => [name, fields[name]])) as Pick<
  typeof fields,
  (typeof CHILD_FIELDS)[number]
>;

const row = {
  ...fields,
  subtree: Strict(
    {
      executions: Count('This execution and all below it.'),
      total_tokens: Count('Input and output tokens.'),
      cost_usd: Nullable(UsdOfOne('Without unpriced executions. Null if none has a price.')),
      unpriced_executions: Count('Executions without a price.'),
      truncated: Type.Optional(
        Type.Literal(true, {
          description: `There are more executions than were summed: ${MAX_SUMMED} for a page. Left out where the sums are complete.`,
        }),
      ),
    },
    { description: 'Sums of the execution and all executions that were called below it.' },
  ),
};

const ExecutionList = Strict({
  items: Type.Array(
    Strict({
      ...row,
      last_step: Nullable(
        Type.String({
          description: 'Tool of the last step, or the type of one that is no tool call; null without steps.',
        }),
      ),
    }),
  ),
  page: Nullable(Type.Integer({ description: 'Null if a cursor was given.' })),
  page_size: Type.Integer(),
  total: Count('Executions that match the filters.'),
  total_pages: Count('Pages.'),
  next_cursor: NextPage,
});

const ExecutionDetail = Strict({
  ...row,
  children: Type.Array(Strict(childFields), {
    description: `Executions that it called, the earliest ${MAX_CHILDREN}. The list pages through all of them with \`parent_execution_id\`.`,
  }),
  steps: Type.Array(Strict(shownProperties(STEP))),
  token_usages: Type.Array(Strict(shownProperties(USAGE))),
  next_cursor: Nullable(
    Type.String({
      description:
        'Null if these are all steps and token usages. Otherwise the `cursor` of a request that answers the same execution ' +
        'with those that follow.',
    }),
  ),
});
const MAX_DETAIL_MIB = MAX_DETAIL_BYTES / 1024 / 1024;

export default function routes(app: App, { now }: RouteContext): void {
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
      const { period, start_date, end_date, start_time, end_time, sort_by, sort_order, level, ...rest } =
        request.query;
      const wanted = level ?? (rest.parent_execution_id === undefined ? 'top' : 'all');
      const range = resolveListRange({ period, start_date, end_date, start_time, end_time }, now());
      return listExecutions(request.reader, tenantOf(request), {
        ...rest,
        ...range,
        level: wanted === 'all' ? undefined : wanted,
        sort_by: sort_by as SortBy | undefined,
        sort_order: sort_order as 'asc' | 'desc' | undefined,
      });
    },
  );

  app.get(
    '/executions/:id',
    readRoute({
      summary: 'One execution with its children, steps and token usages',
      description:
        `At most ${MAX_DETAIL_PARTS} steps and as many token usages, ${MAX_DETAIL_MIB} MiB together; \`next_cursor\` leads ` +
        'to the rest, steps first.',
      tag,
      params: ExecutionParams,
      querystring: Strict({ cursor: Cursor }),
      answer: ExecutionDetail,
      errors: ['EXECUTION_NOT_FOUND'],
    }),
    async (request, reply) => {
      const { params, query, reader } = request;
      return sendLarge(
        reply,
        await executionDetail(reader, tenantOf(request), params.id.toLowerCase(), query.cursor),
      );
    },
  );
}
