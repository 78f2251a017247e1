/** Sends the batched targets of a panel as one request. Each target gets its own frames or its own error. */
import type { DataFrame } from '@grafana/data';
import { catchError, forkJoin, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../api/client';
import { ApiError, sentence, wireError } from '../api/errors';
import type { QueryResponse, QueryResult, WireError, WireQuery } from '../api/types';
import type { BaseQuery } from '../types';
import { isoRange, type RequestContext } from './context';
import { canBeCoarser, coarser, type Plan } from './plan';

/** The result of one target. */
export type TargetResult =
  { refId: string; frames: DataFrame[] } | { refId: string; error: { message: string; status?: number } };

export type Answer = Extract<QueryResult, { columns: unknown }>;

/** Why something is missing. */
export type Missing = Pick<WireError, 'message'>;

/** A plan with its responses. */
export interface AnsweredPlan<Query extends BaseQuery = BaseQuery> extends Plan<Query> {
  mainResult: Answer;
  detailResult?: Answer;
  /** Why a requested detail is missing. */
  detailError?: WireError;
  /** The main query for the previous period. */
  previousResult?: Answer;
  /** Why the previous period is missing. */
  previousError?: Missing;
}

interface Run {
  plan: Plan;
  toFrames(plan: AnsweredPlan): DataFrame[];
}

/**
 * Remembers which combinations of dimensions have no minutes, so that a panel does not request them again at each
 * refresh. The catalog lists the intervals of a metric, but not those of each combination of dimensions. Other refusals
 * depend on the range, so they are not remembered.
 */
export class CoarseMemory {
  private readonly coarse = new Set<string>();

  remember({ plan, error, detailError }: Outcome): void {
    if ([error, detailError].some(isOfDimensions)) {
      this.coarse.add(keyOf(plan));
    }
  }

  recall(plan: Plan): Plan {
    return canBeCoarser(plan) && this.coarse.has(keyOf(plan)) ? coarser(plan) : plan;
  }
}

/** Sends the plans together. Those whose buckets turn out to be too narrow are sent again with hours. */
export function runBatch(
  client: AnalyticsClient,
  runs: Run[],
  context: RequestContext,
  memory: CoarseMemory,
): Observable<TargetResult[]> {
  if (runs.length === 0) {
    return of([]);
  }
  const plans = runs.map(({ plan }) => memory.recall(plan));
  return forkJoin([sendOrCoarser(client, plans, context, memory), sendPrevious(client, plans, context)]).pipe(
    map(([outcomes, before]) =>
      outcomes.flatMap((outcome, index) => {
        const run = runs[index];
        return run ? [toResult({ ...outcome, ...before[index] }, run)] : [];
      }),
    ),
  );
}

function sendOrCoarser(
  client: AnalyticsClient,
  plans: Plan[],
  context: RequestContext,
  memory: CoarseMemory,
): Observable<Outcome[]> {
  return send(client, plans, context).pipe(
    switchMap((outcomes) => {
      const again = outcomes.filter((outcome) => isRefused(outcome) && canBeCoarser(outcome.plan));
      if (again.length === 0) {
        return of(outcomes);
      }
      const plansAgain = again.map(({ plan }) => coarser(plan));
      return send(client, plansAgain, context).pipe(
        map((better) => {
          again.forEach((outcome, index) => better[index]?.main && memory.remember(outcome));
          return outcomes.map((outcome) => better[again.indexOf(outcome)] ?? outcome);
        }),
      );
    }),
  );
}

interface Before {
  previous?: Answer;
  previousError?: Missing;
}

interface Outcome extends Before {
  plan: Plan;
  main?: Answer;
  detail?: Answer;
  error?: WireError;
  detailError?: WireError;
}

/**
 * Requests the previous periods, one request per period. There can be two, since metrics with and without minutes have
 * different buckets. If a request fails, the values of this period are shown without it.
 */
function sendPrevious(client: AnalyticsClient, plans: Plan[], context: RequestContext): Observable<Before[]> {
  const periods = new Map(plans.map(({ previous }) => [previous?.from, previous]));
  const requests = [...periods].flatMap(([from, range]) => {
    if (!range) {
      return [];
    }
    const compared = plans.filter(({ previous }) => previous?.from === from);
    // The largest groups of this period may not have been the largest of the previous one, so there is no limit.
    const asked = compared.map((plan) => ({
      ...plan,
      main: { ...plan.main, limit: undefined },
      detail: undefined,
    }));
    return send(client, asked, { ...context, range }).pipe(
      map((outcomes) => outcomes.map(({ main, error }) => ({ previous: main, previousError: error }))),
      catchError((error) =>
        error instanceof ApiError
          ? of(compared.map((): Before => ({ previousError: error })))
          : throwError(() => error),
      ),
      map((before) => new Map(compared.map((plan, index) => [plan, before[index] ?? {}]))),
    );
  });
  return (requests.length > 0 ? forkJoin(requests) : of([])).pipe(
    map((answered) => plans.map((plan) => answered.find((before) => before.has(plan))?.get(plan) ?? {})),
  );
}

function send(client: AnalyticsClient, plans: Plan[], context: RequestContext): Observable<Outcome[]> {
  const queries = plans.flatMap((plan, index) => named(plan, index));
  const request = {
    range: isoRange(context.range),
    timeZone: context.timeZone,
    queries,
  };
  return client.query(request).pipe(
    catchError((error) => asResultOf(queries, error)),
    map(({ results }) => plans.map((plan, index) => outcomeOf(plan, index, results))),
  );
}

// Queries are named by index: refIds of panels can have any length and form, and index names let equal requests share a
// cache entry.
const mainName = (index: number) => String(index);
const detailName = (index: number) => `${index}_detail`;

function named({ main, detail }: Plan, index: number): WireQuery[] {
  const first = { refId: mainName(index), ...main };
  return detail ? [first, { refId: detailName(index), ...detail }] : [first];
}

/** For a request with a single invalid query, the API returns a 400. Otherwise the query has its own error. */
function asResultOf([query, another]: WireQuery[], error: unknown): Observable<QueryResponse> {
  const refusal = error instanceof ApiError && error.kind === 'invalid' ? wireError(error.data) : undefined;
  return refusal && query && !another
    ? of({ results: { [query.refId]: { error: refusal } } })
    : throwError(() => error);
}

function outcomeOf(plan: Plan, index: number, results: QueryResponse['results']): Outcome {
  const main = results[mainName(index)];
  const detail = results[detailName(index)];
  return {
    plan,
    main: answerOf(main),
    detail: answerOf(detail),
    error: refusalOf(main),
    detailError: refusalOf(detail),
  };
}

function answerOf(result: QueryResult | undefined): Answer | undefined {
  return result && 'columns' in result ? result : undefined;
}

function refusalOf(result: QueryResult | undefined): WireError | undefined {
  return result && 'error' in result ? result.error : undefined;
}

function toResult({ plan, main, error, ...rest }: Outcome, run: Run): TargetResult {
  const { refId } = plan.query;
  const { detail: detailResult, detailError, previous: previousResult, previousError } = rest;
  if (error) {
    return { refId, error: { message: sentence(error.message), status: 400 } };
  }
  if (!main) {
    return { refId, error: { message: 'AgentIdP Analytics did not answer this query.' } };
  }
  const answered = { mainResult: main, detailResult, detailError, previousResult, previousError };
  return { refId, frames: run.toFrames({ ...plan, ...answered }) };
}

function isRefused({ error, detailError }: Outcome): boolean {
  return [error, detailError].some(
    (refusal) =>
      refusal?.code === 'VALIDATION_ERROR' ||
      refusal?.code === 'INVALID_GRANULARITY' ||
      refusal?.code === 'TOO_LARGE',
  );
}

/** Only the rejection of a combination of dimensions lists the possible intervals. */
function isOfDimensions(refusal: WireError | undefined): boolean {
  const { details } = refusal ?? {};
  return typeof details === 'object' && details !== null && 'intervals' in details;
}

function keyOf({ main }: Plan): string {
  return JSON.stringify([main.metric, main.groupBy, main.filters.map(({ dimension }) => dimension).sort()]);
}
