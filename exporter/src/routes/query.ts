/** The catalog and its queries: what can be measured, by what, and the answers in columns. */
import { type Static, Type } from 'typebox';
import { dimensionsOf, intervalsOf } from '../aggregates/index.js';
import { DIMENSIONS, INTERVALS, METRICS } from '../catalog/index.js';
import { AppError, type ErrorBody } from '../errors.js';
import { NO_NUL } from '../ids.js';
import { dimensionValues, MAX_VALUES } from '../query/dimensions.js';
import { MAX_LIMIT, OPERATORS, type QueryContext } from '../query/plan.js';
import { type QueryResult, runQuery } from '../query/run.js';
import { widen } from '../query/segments.js';
import { isTimeZone } from '../query/zone.js';
import { minuteStart, parseTime } from '../time.js';
import { currentHourEnd, sendCached } from './cached.js';
import { type App, type RouteContext, tenantOf } from './context.js';
import { readRoute } from './guarded.js';
import { ERROR_CODE, Nullable, Strict } from './schemas.js';

const tag = 'Query';
const MAX_QUERIES = 100;
/** Queries of one request that the database works on at once. */
const AT_ONCE = 4;
const DEFAULT_VALUES = 1_000;
/** No event is older, and no panel looks further ahead; a longer range would only cost time. */
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

const CatalogAnswer = Strict({
  metrics: Type.Array(
    Strict({
      name: Type.String(),
      title: Type.String(),
      description: Type.String(),
      unit: Type.String({ description: "Grafana's id of the unit." }),
      kind: Type.String({ enum: ['count', 'rate', 'duration', 'gauge'] }),
      dimensions: Type.Array(Type.String()),
      intervals: Type.Array(Type.String({ enum: [...INTERVALS] })),
    }),
  ),
  dimensions: Type.Array(Strict({ name: Type.String(), title: Type.String(), description: Type.String() })),
  minuteRetentionHours: Type.Integer({
    minimum: 0,
    description:
      'For how long the intervals below the hour are kept; a query that begins before has the hour as finest.',
  }),
});

const ValuesParams = Strict({
  dimension: Type.String({ enum: DIMENSIONS.map(({ name }) => name), [ERROR_CODE]: 'NOT_FOUND' }),
});
const ValuesQuery = Strict({
  search: Type.Optional(
    Type.String({
      maxLength: 256,
      pattern: NO_NUL,
      default: '',
      description: 'Part of the name; `*` stands for anything.',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_VALUES, default: DEFAULT_VALUES })),
});
const ValuesAnswer = Strict({ values: Type.Array(Strict({ value: Type.String(), label: Type.String() })) });

// Words are checked with the catalog at hand, so that one bad query of several fails alone and is told what would be right.
const QuerySchema = Strict({
  refId: Type.String({ minLength: 1, maxLength: 64, pattern: NO_NUL }),
  metric: Type.String({ maxLength: 128, description: 'A name of the catalog.' }),
  groupBy: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), { maxItems: 10, description: 'Dimensions of the metric.' }),
  ),
  filters: Type.Optional(
    Type.Array(
      Strict({
        dimension: Type.String({ maxLength: 64 }),
        operator: Type.String({
          maxLength: 16,
          description: `One of ${OPERATORS.join(', ')}; matches takes a glob with *.`,
        }),
        values: Type.Array(Type.Union([Type.String({ maxLength: 2048 }), Type.Integer()])),
      }),
    ),
  ),
  interval: Type.Optional(
    Type.String({ maxLength: 16, default: 'none', description: `One of ${INTERVALS.join(', ')}.` }),
  ),
  orderBy: Type.Optional(
    Strict({
      by: Type.String({ maxLength: 64, description: 'value, time or a dimension of groupBy.' }),
      direction: Type.Optional(Type.String({ maxLength: 8, description: 'asc or desc.' })),
    }),
  ),
  limit: Type.Optional(Type.Number({ description: `1 to ${MAX_LIMIT}: the largest groups by their total.` })),
});
const QueryBody = Strict({
  range: Strict({
    from: Type.String({ maxLength: 64, description: 'RFC 3339, included.' }),
    to: Type.String({ maxLength: 64, description: 'RFC 3339, excluded; may lie in the future.' }),
  }),
  timeZone: Type.Optional(Type.String({ maxLength: 64, default: 'UTC', description: 'IANA name.' })),
  queries: Type.Array(QuerySchema, { minItems: 1, maxItems: MAX_QUERIES }),
});
const QueryAnswer = Strict({
  results: Type.Record(
    Type.String(),
    Type.Union([
      Strict({
        columns: Type.Array(
          Strict({
            name: Type.String(),
            type: Type.String({ enum: ['time', 'number', 'string'] }),
            unit: Type.Optional(Type.String()),
            values: Type.Array(Nullable(Type.Union([Type.String(), Type.Number()])), {
              description: 'Times are RFC 3339.',
            }),
          }),
        ),
        notices: Type.Array(Type.String()),
      }),
      Strict({ error: Type.Ref('Error#') }),
    ]),
  ),
});

function catalogAnswer({ minuteRetentionHours }: RouteContext['config']): Static<typeof CatalogAnswer> {
  return {
    metrics: METRICS.map((metric) => ({
      name: metric.name,
      title: metric.title,
      description: metric.description,
      unit: metric.unit,
      kind: metric.kind,
      dimensions: dimensionsOf(metric).map(({ name }) => name),
      intervals: intervalsOf(metric),
    })),
    dimensions: DIMENSIONS.map(({ name, title, description }) => ({ name, title, description })),
    minuteRetentionHours,
  };
}

type Body = Static<typeof QueryBody>;

/** @throws AppError for what is wrong with the request as a whole */
function contextOf(
  tenantId: string,
  { range, timeZone = 'UTC', queries }: Body,
  now: number,
  minutesFrom: number,
): QueryContext {
  const from = parseTime(range.from);
  const to = parseTime(range.to);
  if (from === undefined || to === undefined) {
    throw new AppError(
      'INVALID_DATE_RANGE',
      'range.from and range.to must be RFC 3339 times such as 2026-03-06T09:15:00Z',
    );
  }
  if (from < EARLIEST || to > LATEST) {
    throw new AppError('INVALID_DATE_RANGE', 'the range must lie within the years 1900 to 2199');
  }
  if (from >= to)
    throw new AppError(
      'INVALID_DATE_RANGE',
      `range.from (${range.from}) must lie before range.to (${range.to})`,
    );
  if (!isTimeZone(timeZone)) {
    throw new AppError(
      'VALIDATION_ERROR',
      `timeZone must be an IANA name such as Europe/Berlin, not "${timeZone}"`,
    );
  }
  if (new Set(queries.map(({ refId }) => refId)).size !== queries.length) {
    throw new AppError('VALIDATION_ERROR', 'two queries have the same refId');
  }
  return { tenantId, range: widen({ from, to }, minutesFrom), timeZone, minutesFrom, now };
}

type Answer = QueryResult | { error: ErrorBody };

export function queryRoutes(app: App, context: RouteContext): void {
  const { pool, now, services, config } = context;

  app.get('/catalog', readRoute({ summary: 'Metrics and dimensions', tag, answer: CatalogAnswer }), () =>
    catalogAnswer(config),
  );

  app.get(
    '/dimensions/:dimension/values',
    readRoute({
      summary: 'Values of a dimension',
      tag,
      params: ValuesParams,
      querystring: ValuesQuery,
      answer: ValuesAnswer,
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      const tenantId = tenantOf(request);
      const { dimension } = request.params;
      const { search = '', limit = DEFAULT_VALUES } = request.query;
      const answer = {
        endpoint: 'dimension-values',
        query: { dimension, search, limit },
        to: currentHourEnd(now()),
      };
      return sendCached(context, request, reply, answer, async () => ({
        values: await dimensionValues(pool, tenantId, dimension, search, limit, now()),
      }));
    },
  );

  app.post(
    '/query',
    readRoute({
      summary: 'Catalog queries, several at once',
      description:
        'Answers columns. Of several queries a bad one fails alone, with its error in its place; a request whose only ' +
        'query is bad is a 400. Where dimensions are not kept together by the minute, `details.intervals` are those that ' +
        'they can be asked in.',
      tag,
      body: QueryBody,
      answer: QueryAnswer,
      errors: ['INVALID_DATE_RANGE', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    }),
    async (request, reply) => {
      const at = now();
      const minutesFrom = Math.max(services.scheduler.state.minutesFrom, minuteStart(at, config));
      const query = contextOf(tenantOf(request), request.body, at, minutesFrom);
      const { range, timeZone } = query;
      const { queries } = request.body;
      const answer = { endpoint: 'query', query: { range, timeZone, queries }, to: range.to };
      return sendCached(context, request, reply, answer, async () => ({
        results: await answerAll(queries, query),
      }));
    },
  );

  async function answerAll(queries: Body['queries'], query: QueryContext): Promise<Record<string, Answer>> {
    const answers = new Array<Answer>(queries.length);
    const waiting = queries.entries();
    const work = async (): Promise<void> => {
      for (const [i, one] of waiting) answers[i] = await answerOne(one, query, queries.length > 1);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return Object.fromEntries(queries.map(({ refId }, i) => [refId, answers[i]!]));
  }

  async function answerOne(
    one: Body['queries'][number],
    query: QueryContext,
    among: boolean,
  ): Promise<Answer> {
    try {
      return await runQuery(pool, one, query);
    } catch (error) {
      if (!among || !(error instanceof AppError) || error.statusCode >= 500) throw error;
      return { error: error.toBody() };
    }
  }
}
