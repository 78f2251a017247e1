/** A panel's targets in one request to the API, each with its own frames or its own error. */
import type { DataFrame } from '@grafana/data';
import { catchError, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../api/client';
import { ApiError, wireError } from '../api/errors';
import type { QueryResponse, QueryResult, WireError, WireQuery } from '../api/types';
import { canBeCoarser, coarser, type Plan, type RequestContext } from './plan';

/** What became of one target. */
export type TargetResult =
  { refId: string; frames: DataFrame[] } | { refId: string; error: { message: string; status?: number } };

export type Answer = Extract<QueryResult, { columns: unknown }>;

/** A plan with its answers, ready to be made into frames. */
export interface AnsweredPlan extends Plan {
  mainResult: Answer;
  detailResult?: Answer;
  /** Why there is no detail where one was asked for. */
  detailError?: WireError;
}

export type ToFrames = (plan: AnsweredPlan) => DataFrame[];

/**
 * Remembers which combinations have no minutes, so that a refreshing panel asks in vain once only: the catalog says
 * what a metric can be asked in, but not with which dimensions together.
 */
export class CoarseMemory {
  private readonly coarse = new Set<string>();

  remember(plan: Plan): void {
    this.coarse.add(keyOf(plan));
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
  return send(client, plans, context).pipe(
    switchMap((outcomes) => {
      const again = outcomes.filter((outcome) => isRefused(outcome) && canBeCoarser(outcome.plan));
      if (again.length === 0) {
        return of(outcomes);
      }
      const plansAgain = again.map(({ plan }) => coarser(plan));
      return send(client, plansAgain, context).pipe(
        map((better) => {
          again.forEach(({ plan }, index) => better[index]?.main && memory.remember(plan));
          return outcomes.map((outcome) => better[again.indexOf(outcome)] ?? outcome);
        }),
      );
    }),
    map((outcomes) => outcomes.map((outcome) => toResult(outcome, toFrames))),
  );
}

interface Outcome {
  plan: Plan;
  main?: Answer;
  detail?: Answer;
  error?: WireError;
  detailError?: WireError;
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
    error: main?.error,
    detailError: detail?.error,
  };
}

function answerOf(result: QueryResult | undefined): Answer | undefined {
  return result && 'columns' in result ? result : undefined;
}

function toResult({ plan, main, detail, error, detailError }: Outcome, toFrames: ToFrames): TargetResult {
  const { refId } = plan.query;
  if (error) {
    return { refId, error: { message: sentence(error.message), status: 400 } };
  }
  if (!main) {
    return { refId, error: { message: 'AgentIdP Analytics left this query unanswered.' } };
  }
  return { refId, frames: toFrames({ ...plan, mainResult: main, detailResult: detail, detailError }) };
}

function isRefused({ error, detailError }: Outcome): boolean {
  return [error, detailError].some(
    (refusal) => refusal?.code === 'VALIDATION_ERROR' || refusal?.code === 'INVALID_GRANULARITY',
  );
}

/** With a capital, unless it begins with the name of a metric, which stays as it is. */
function sentence(message: string): string {
  return /^[a-z]+\b/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}

function keyOf({ main }: Plan): string {
  return JSON.stringify([main.metric, main.groupBy, main.filters.map(({ dimension }) => dimension).sort()]);
}
