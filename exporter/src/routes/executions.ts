/** Executions and what they cost, out. */
import { Type } from 'typebox';
import { EXECUTION } from '../facts/execution/columns.js';
import { word } from '../facts/types.js';
import { filterProperties } from '../facts/wire.js';
import { costForecast, costSummary } from '../query/executions/costs.js';
import {
  DEFAULT_PAGE_SIZE,
  executionDetail,
  listExecutions,
  SORT_NAMES,
  type SortBy,
} from '../query/executions/list.js';
import {
  type ExecutionPeriod,
  resolveExecutionPeriod,
  resolveListRange,
} from '../query/executions/period.js';
import { agentStats, compareModels, overview } from '../query/executions/reports.js';
import { sendCached, currentHourEnd } from './cached.js';
import { type App, type RouteContext, tenantOf } from './context.js';
import {
  ComparisonAnswer,
  CostSummaryAnswer,
  DetailAnswer,
  executionPeriodParameters,
  ForecastAnswer,
  ListAnswer,
  OverviewAnswer,
  StatsAnswer,
} from './execution-schemas.js';
import { readRoute } from './guarded.js';
import { ExecutionParams, Id, Strict, TimeText } from './schemas.js';

const tag = 'Executions and cost';
const MAX_PAGE_SIZE = 200;

const PeriodQuery = Strict(executionPeriodParameters);
const ListQuery = Strict({
  ...filterProperties(EXECUTION),
  q: Type.Optional(Type.Unsafe<string>({ ...word.sent, description: 'Part of the preview, in any case.' })),
  ...executionPeriodParameters,
  period: Type.Optional({ ...executionPeriodParameters.period, default: undefined }),
  start_time: Type.Optional(TimeText('Started at this RFC 3339 time or later; in place of `start_date`.')),
  end_time: Type.Optional(TimeText('Started before this RFC 3339 time; in place of `end_date`.')),
  sort_by: Type.Optional(
    Type.String({
      enum: SORT_NAMES,
      default: 'started_at',
      description: 'Where a time or a cost is not known, it counts as less than any.',
    }),
  ),
  sort_order: Type.Optional(Type.String({ enum: ['asc', 'desc'], default: 'desc' })),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: 1 })),
  page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE_SIZE, default: DEFAULT_PAGE_SIZE })),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      description: '`next_cursor` of the page before, in place of `page`.',
    }),
  ),
});
const AgentParams = Strict({ id: Id('The agent.') });

export function executionRoutes(app: App, context: RouteContext): void {
  const { pool, now } = context;
  const errors = ['INVALID_DATE_RANGE'] as const;
  const answerFor = (endpoint: string, { range }: ExecutionPeriod, query: object = {}) => ({
    endpoint,
    query: { range, ...query },
    to: range.to,
  });

  const reports = [
    ['/overview', 'overview', 'Executions of a period, and of the one before', OverviewAnswer, overview],
    [
      '/costs/summary',
      'costs-summary',
      'What executions cost, by whom and what',
      CostSummaryAnswer,
      costSummary,
    ],
    ['/comparison/models', 'comparison-models', 'Models compared', ComparisonAnswer, compareModels],
  ] as const;
  for (const [path, endpoint, summary, answer, report] of reports) {
    app.get(
      path,
      readRoute({ summary, tag, querystring: PeriodQuery, answer, errors: [...errors] }),
      async (request, reply) => {
        const tenant = tenantOf(request);
        const period = resolveExecutionPeriod(request.query, now());
        const cached = answerFor(endpoint, period, { name: period.name });
        return sendCached(context, request, reply, cached, () => report(pool, tenant, period));
      },
    );
  }

  app.get(
    '/costs/forecast',
    readRoute({ summary: "This month's cost, projected", tag, answer: ForecastAnswer }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const cached = { endpoint: 'costs-forecast', query: {}, to: currentHourEnd(now()) };
      return sendCached(context, request, reply, cached, () => costForecast(pool, tenant, now()));
    },
  );

  app.get(
    '/agents/:id/stats',
    readRoute({
      summary: 'Executions of one agent',
      tag,
      params: AgentParams,
      querystring: PeriodQuery,
      answer: StatsAnswer,
      errors: [...errors, 'AGENT_NOT_FOUND'],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { id } = request.params;
      const period = resolveExecutionPeriod(request.query, now());
      const cached = answerFor('agent-stats', period, { id, name: period.name });
      return sendCached(context, request, reply, cached, () => agentStats(pool, tenant, id, period));
    },
  );

  app.get(
    '/executions',
    readRoute({
      summary: 'Executions, page by page',
      tag,
      querystring: ListQuery,
      answer: ListAnswer,
      errors: [...errors],
    }),
    async (request) => {
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
      answer: DetailAnswer,
      errors: ['EXECUTION_NOT_FOUND'],
    }),
    async (request) => executionDetail(pool, tenantOf(request), request.params.id.toLowerCase()),
  );
}
