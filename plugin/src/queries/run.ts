/** A panel's targets in one request to the API, each with its own frames or its own error. */
import type { DataFrame } from '@grafana/data';
import { catchError, forkJoin, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../api/client';
import { ApiError, sentence, wireError } from '../api/errors';
import type { QueryResponse, QueryResult, WireError, WireQuery } from '../api/types';
import { canBeCoarser, coarser, type Plan, type RequestContext } from './plan';

/** What became of one target. */
export type TargetResult =
  { refId: string; frames: DataFrame[] } | { refId: string; error: { message: string; status?: number } };

export type Answer = Extract<QueryResult, { columns: unknown }>;

/** What there is to say of something that could not be had. */
export type Missing = Pick<WireError, 'message'>;

/** A plan with its answers, ready to be made into frames. */
export interface AnsweredPlan extends Plan {
  mainResult: Answer;
  detailResult?: Answer;
  /** Why there is no detail where one was asked for. */
  detailError?: WireError;
  /** The main query over the period before. */
  previousResult?: Answer;
  /** Why it is missing. */
  previousError?: Missing;
}

export type ToFrames = (plan: AnsweredPlan) => DataFrame[];

/**
 * Remembers which combinations of dimensions have no minutes, so that a refreshing panel asks in vain once only: the
 * catalog says what a metric can be asked in, but not with which dimensions together. What else is refused hangs on the
 * range, and may be answered for another.
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

/** Sends the plans together; those whose buckets were chosen too fine are sent once more with hours. */
export function runPlans(
  client: AnalyticsClient,
  planned: Plan[],
  context: RequestContext,
  memory: CoarseMemory,
  toFrames: ToFrames,
): Observable<TargetResult[]> {
  if (planned.length === 0) {
    return of([]);
  }
  const plans = planned.map((plan) => memory.recall(plan));
  return forkJoin([sendOrCoarser(client, plans, context, memory), sendPrevious(client, plans, context)]).pipe(
    map(([outcomes, before]) =>
      outcomes.map((outcome, index) => toResult({ ...outcome, ...before[index] }, toFrames)),
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
 * Everything that is compared with the same period in one request. Metrics that are kept by the minute and by the hour
 * side by side have two. Without it the figures are shown all the same.
 */
function sendPrevious(client: AnalyticsClient, plans: Plan[], context: RequestContext): Observable<Before[]> {
  const periods = new Map(plans.map(({ previous }) => [previous?.from, previous]));
  const requests = [...periods].flatMap(([from, range]) => {
    if (!range) {
      return [];
    }
    const compared = plans.filter(({ previous }) => previous?.from === from);
    // The largest groups of this period need not have been the largest of that one.
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
  const { range, timeZone } = context;
  const queries = plans.flatMap((plan, index) => named(plan, index));
  const request = {
    range: { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() },
    timeZone,
    queries,
  };
  return client.query(request).pipe(
    catchError((error) => aloneAnswered(error, queries)),
    map(({ results }) => plans.map((plan, index) => outcomeOf(plan, index, results))),
  );
}

// By their place: a panel's own refIds may be of any length and form, and equal queries share a place in the cache.
const mainName = (index: number) => String(index);
const detailName = (index: number) => `${index}_detail`;

function named({ main, detail }: Plan, index: number): WireQuery[] {
  const first = { refId: mainName(index), ...main };
  return detail ? [first, { refId: detailName(index), ...detail }] : [first];
}

/** A bad query that was alone in its request is answered by a 400; the same among others has a result of its own. */
function aloneAnswered(error: unknown, [query, another]: WireQuery[]): Observable<QueryResponse> {
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

function toResult({ plan, main, error, ...rest }: Outcome, toFrames: ToFrames): TargetResult {
  const { refId } = plan.query;
  const { detail: detailResult, detailError, previous: previousResult, previousError } = rest;
  if (error) {
    return { refId, error: { message: sentence(error.message), status: 400 } };
  }
  if (!main) {
    return { refId, error: { message: 'AgentIdP Analytics left this query unanswered.' } };
  }
  const answered = { mainResult: main, detailResult, detailError, previousResult, previousError };
  return { refId, frames: toFrames({ ...plan, ...answered }) };
}

function isRefused({ error, detailError }: Outcome): boolean {
  return [error, detailError].some(
    (refusal) => refusal?.code === 'VALIDATION_ERROR' || refusal?.code === 'INVALID_GRANULARITY',
  );
}

/** Such a refusal, and no other, names the intervals that there are. */
function isOfDimensions(refusal: WireError | undefined): boolean {
  const { details } = refusal ?? {};
  return typeof details === 'object' && details !== null && 'intervals' in details;
}

function keyOf({ main }: Plan): string {
  return JSON.stringify([main.metric, main.groupBy, main.filters.map(({ dimension }) => dimension).sort()]);
}
