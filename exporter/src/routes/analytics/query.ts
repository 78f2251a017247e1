/** `POST /query`: queries of the catalog, answered in columns. */
import { type Static, Type } from 'typebox';
import { INTERVALS } from '../../catalog/index.js';
import type { ReadPool } from '../../db/read-shares.js';
import { AppError, type ErrorBody } from '../../errors.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import type { Reader } from '../../http/reader.js';
import { readRoute } from '../../http/route-options.js';
import { NO_NUL } from '../../ids.js';
import { AnswerBudget, MAX_CELLS, MAX_REQUEST_CELLS } from '../../query/budget.js';
import { MAX_LIMIT, OPERATORS, type QueryContext } from '../../query/plan.js';
import { fewestCells, type QueryResult, runQuery } from '../../query/run.js';
import { widen } from '../../query/segments.js';
import { isTimeZone } from '../../query/zone.js';
import { Strict } from '../../schemas.js';
import { parseTime } from '../../time.js';
import { ColumnsAnswer } from '../shared/columns.js';

const MAX_QUERIES = 100;
/** How many queries of one request run at the same time. */
const CONCURRENCY = 4;
/** Bounds of a range: no event is older, and no panel looks further ahead. A longer range would only cost time. */
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);

// Names are checked against the catalog, not by the schema: so one bad query of several fails alone, and its error can
// list what would be right.
const QuerySchema = Strict({
  refId: Type.String({ minLength: 1, maxLength: 64, pattern: NO_NUL }),
  metric: Type.String({ maxLength: 128, description: 'A metric of the catalog.' }),
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
  limit: Type.Optional(
    Type.Number({ description: `1 to ${MAX_LIMIT}: keeps the groups with the largest totals.` }),
  ),
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
    Type.Union([Strict(ColumnsAnswer), Strict({ error: Type.Ref('Error#') })]),
  ),
});

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

export default function routes(app: App, context: RouteContext): void {
  const { now, services } = context;

  app.post(
    '/query',
    readRoute({
      summary: 'Runs one or more catalog queries',
      description:
        'The answer has columns. If one of several queries is invalid, it fails alone, with its error in place of its result; ' +
        'if the only query is invalid, the answer is a 400. If dimensions are not kept together by the minute, ' +
        '`details.intervals` lists the intervals that can be queried. ' +
        `A query has at most ${MAX_CELLS} cells (buckets times groups), and a request ${MAX_REQUEST_CELLS}.`,
      tag: 'Query',
      body: QueryBody,
      answer: QueryAnswer,
      // A query with U+0000 fails alone.
      config: { checksItems: true },
      errors: ['INVALID_DATE_RANGE', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    }),
    (request, reply) => {
      const query = contextOf(tenantOf(request), request.body, now(), services.minutesFrom());
      const { range, timeZone } = query;
      const { queries } = request.body;
      const cached = { endpoint: 'query', query: { range, timeZone, queries }, to: range.to };
      return sendCached(context, request, reply, cached, async () => ({
        results: await answerAll(request.reader, queries, query),
      }));
    },
  );
}

/** Answers by `refId`, computed a few at a time. @throws AppError TOO_LARGE if they do not fit into one answer */
async function answerAll(
  reader: Reader,
  queries: Body['queries'],
  query: QueryContext,
): Promise<Record<string, Answer>> {
  // Found before anything is read: a request that is refused must cost nothing.
  new AnswerBudget(queries.length).takeCells(
    queries.reduce((cells, one) => cells + fewestCells(one, query), 0),
  );
  const budget = new AnswerBudget(queries.length);
  const answers = new Array<Answer>(queries.length);
  const waiting = queries.entries();
  const work = async (): Promise<void> => {
    for (const [i, one] of waiting) {
      if (budget.isExceeded) return;
      answers[i] = await answerOne(reader, one, query, budget, queries.length > 1);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work)).finally(() => reader.charge(budget.cellsUsed));
  return Object.fromEntries(queries.map(({ refId }, i) => [refId, answers[i]!]));
}

/** @param isOneOfMany whether a bad query becomes an error in its place, so that the others are still answered */
async function answerOne(
  pool: ReadPool,
  one: Body['queries'][number],
  query: QueryContext,
  budget: AnswerBudget,
  isOneOfMany: boolean,
): Promise<Answer> {
  try {
    return await runQuery(pool, one, query, budget);
  } catch (error) {
    if (!isOneOfMany || budget.isExceeded || !(error instanceof AppError) || error.statusCode >= 500)
      throw error;
    return { error: error.toBody() };
  }
}
