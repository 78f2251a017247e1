/** Identity usage of a period: totals, activity, rotations and call patterns. */
import { Type } from 'typebox';
import { agentActivity, credentialRotations } from '../query/reports/agents.js';
import { callActivity, callPatterns, usageSummary } from '../query/reports/calls.js';
import { MAX_PAGE } from '../query/reports/cursor.js';
import { type Period, rangeOf, resolvePeriod } from '../query/reports/period.js';
import { MAX_ENDPOINTS } from '../ingest/endpoints.js';
import { sendCached } from '../http/response-cache.js';
import { type App, type RouteContext, tenantOf } from '../http/context.js';
import { readRoute } from '../http/route-options.js';
import {
  agentParameter,
  Count,
  DateText,
  Id,
  NextCursor,
  Nullable,
  pageParameters,
  Percent,
  Period as PeriodSchema,
  periodParameters,
  Strict,
  TimeText,
} from '../http/schemas.js';

const tag = 'Identity usage';
const MAX_ACTIVITY_DAYS = 90;
/** Every name, and "other". */
const MAX_PATTERNS = MAX_ENDPOINTS + 1;
const DEFAULT_PATTERNS = 50;

const tenantId = Id('The tenant.');
const agent = { agentId: Id('The agent.'), agentName: Nullable(Type.String()) };
const Milliseconds = Nullable(
  Type.Number({ minimum: 0, description: 'Milliseconds; null where no call carried a duration.' }),
);

const SummaryAnswer = Strict({
  tenantId,
  period: PeriodSchema,
  summary: Strict({
    totalApiCalls: Count('API calls.'),
    totalTokenIssuances: Count('Tokens issued.'),
    totalCredentialRotations: Count('Credential rotations.'),
    activeAgentCount: Count('Agents with one event of any kind.'),
    averageDailyApiCalls: Count('Calls over the days of the period, rounded down.'),
    peakDailyApiCalls: Count('Calls of the busiest day.'),
    peakDate: Nullable(DateText('The busiest day, the earliest of equals; null without calls.')),
  }),
});

const HeatmapQuery = Strict({ ...periodParameters, ...agentParameter });
const HeatmapAnswer = Strict({
  tenantId,
  data: Type.Array(
    Strict({
      dow: Type.Integer({ minimum: 0, maximum: 6, description: '0 is Sunday.' }),
      hour: Type.Integer({ minimum: 0, maximum: 23, description: 'UTC.' }),
      count: Count('API calls.'),
    }),
  ),
});

const ActivityQuery = Strict({ ...periodParameters, ...agentParameter, ...pageParameters });
const ActivityAnswer = Strict({
  tenantId,
  period: PeriodSchema,
  agents: Type.Array(
    Strict({
      ...agent,
      dailyActivity: Type.Array(
        Strict({
          date: DateText('Day with something on it.'),
          apiCalls: Count('API calls.'),
          tokenIssuances: Count('Tokens issued.'),
          credentialRotations: Count('Credential rotations.'),
        }),
      ),
    }),
  ),
  nextCursor: NextCursor,
});

const RotationsQuery = Strict({ ...periodParameters, ...pageParameters });
const RotationsAnswer = Strict({
  tenantId,
  period: PeriodSchema,
  agents: Type.Array(
    Strict({
      ...agent,
      rotations: Count('Rotations within the period.'),
      lastRotatedAt: Nullable(TimeText('Of all time; null for an agent that never rotated.')),
      averageIntervalDays: Nullable(
        Type.Number({ description: 'Within the period; null below two rotations.' }),
      ),
      daily: Type.Array(Strict({ date: DateText('Day.'), count: Count('Rotations.') })),
    }),
  ),
  nextCursor: NextCursor,
});

const PatternsQuery = Strict({
  ...periodParameters,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PATTERNS, default: DEFAULT_PATTERNS })),
});
const PatternsAnswer = Strict({
  tenantId,
  period: PeriodSchema,
  endpoints: Type.Array(
    Strict({
      endpoint: Type.String(),
      calls: Count('Calls.'),
      errors: Count('Calls answered with a status of 400 or more.'),
      errorRate: Percent('Errors of the calls.'),
      averageDurationMs: Milliseconds,
      p95DurationMs: Milliseconds,
      share: Percent('Of all calls of the period.'),
    }),
  ),
});

export function usageRoutes(app: App, context: RouteContext): void {
  const { pool, now } = context;
  const errors = ['INVALID_DATE_RANGE'] as const;
  const answerFor = (endpoint: string, period: Period, query: object = {}) => ({
    endpoint,
    query: { period, ...query },
    to: rangeOf(period).to,
  });

  app.get(
    '/usage-summary',
    readRoute({
      summary: 'Totals of a period',
      tag,
      querystring: Strict(periodParameters),
      answer: SummaryAnswer,
      errors: [...errors],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const period = resolvePeriod(request.query, now());
      return sendCached(context, request, reply, answerFor('usage-summary', period), async () => ({
        tenantId: tenant,
        period,
        summary: await usageSummary(pool, tenant, period),
      }));
    },
  );

  app.get(
    '/agents/activity',
    readRoute({
      summary: 'API calls by weekday and hour',
      tag,
      querystring: HeatmapQuery,
      answer: HeatmapAnswer,
      errors: [...errors, 'AGENT_NOT_FOUND'],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { agentId } = request.query;
      const period = resolvePeriod(request.query, now());
      return sendCached(
        context,
        request,
        reply,
        answerFor('agents-activity', period, { agentId }),
        async () => ({
          tenantId: tenant,
          data: await callActivity(pool, tenant, period, agentId),
        }),
      );
    },
  );

  app.get(
    '/agent-activity',
    readRoute({
      summary: 'What each agent did by day',
      tag,
      querystring: ActivityQuery,
      answer: ActivityAnswer,
      errors: [...errors, 'AGENT_NOT_FOUND'],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { agentId, limit = MAX_PAGE, cursor } = request.query;
      const period = resolvePeriod(request.query, now(), { maxDays: MAX_ACTIVITY_DAYS });
      const answer = answerFor('agent-activity', period, { agentId, limit, cursor });
      return sendCached(context, request, reply, answer, async () => ({
        tenantId: tenant,
        period,
        ...(await agentActivity(pool, tenant, period, { agentId, limit, cursor })),
      }));
    },
  );

  app.get(
    '/credential-rotations',
    readRoute({
      summary: 'Credential rotations by agent',
      tag,
      querystring: RotationsQuery,
      answer: RotationsAnswer,
      errors: [...errors],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { limit = MAX_PAGE, cursor } = request.query;
      const period = resolvePeriod(request.query, now());
      const answer = answerFor('credential-rotations', period, { limit, cursor });
      return sendCached(context, request, reply, answer, async () => ({
        tenantId: tenant,
        period,
        ...(await credentialRotations(pool, tenant, period, { limit, cursor })),
      }));
    },
  );

  app.get(
    '/call-patterns',
    readRoute({
      summary: 'Endpoints by calls, errors and durations',
      tag,
      querystring: PatternsQuery,
      answer: PatternsAnswer,
      errors: [...errors],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { limit = DEFAULT_PATTERNS } = request.query;
      const period = resolvePeriod(request.query, now());
      return sendCached(context, request, reply, answerFor('call-patterns', period, { limit }), async () => ({
        tenantId: tenant,
        period,
        endpoints: await callPatterns(pool, tenant, period, limit),
      }));
    },
  );
}
