/** A request of Grafana from its targets to one packet of frames and errors. */
import type { DataFrame, DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { catchError, forkJoin, map, of, switchMap, throwError, type Observable } from 'rxjs';
import { rotationFrames } from '../annotations/rotations';
import type { AnalyticsClient } from '../api/client';
import { ApiError } from '../api/errors';
import type { Catalog } from '../api/types';
import { toFrames } from '../frames';
import { withNotices } from '../frames/meta';
import type { AnalyticsQuery } from '../types';
import { framesAlone } from './alone';
import { planMetric, planRotations, type RequestContext } from './plan';
import { prepare, type Prepared } from './prepare';
import { runPlans, type AnsweredPlan, type CoarseMemory, type TargetResult } from './run';
import { ianaZone } from './zone';

export interface Service {
  client: AnalyticsClient;
  memory: CoarseMemory;
  datasourceUid: string;
}

/** Emits once. Unsubscribing cancels every request still on its way. */
export function answer(
  request: DataQueryRequest<AnalyticsQuery>,
  service: Service,
): Observable<DataQueryResponse> {
  if (request.targets.length === 0) {
    return of({ data: [] });
  }
  // It also has the titles of what a target is not filtered by.
  const wantsCatalog = request.targets.some(isPlanned) || Boolean(request.filters?.length);
  // Without the catalog there are no titles, but there may still be figures.
  const catalog = service.client
    .catalog()
    .pipe(catchError((error) => (error instanceof ApiError ? of(undefined) : throwError(() => error))));
  return (wantsCatalog ? catalog : of(undefined)).pipe(
    switchMap((known) => forkJoin(runTargets(request, service, known))),
    map((results) => toResponse(results.flat())),
  );
}

function runTargets(
  request: DataQueryRequest<AnalyticsQuery>,
  service: Service,
  catalog: Catalog | undefined,
): Array<Observable<TargetResult[]>> {
  const context = contextOf(request, service, catalog);
  const prepared = request.targets.map((target) => prepare(target, request, catalog));
  const ready = prepared.filter((target) => 'query' in target);
  return [
    of(prepared.filter((target) => 'error' in target)),
    together(
      ready.filter(({ query }) => isPlanned(query)),
      context,
      service,
    ),
    ...ready.filter(({ query }) => !isPlanned(query)).map((target) => alone(target, context, service)),
  ];
}

/** Whether it is asked of /query. */
function isPlanned({ queryType, annotation }: AnalyticsQuery): boolean {
  return queryType === 'metric' || (queryType === 'annotation' && annotation === 'rotations');
}

/** All that is asked of /query, in one request; a second one for the period before, where that is compared. */
function together(targets: Prepared[], context: RequestContext, { client, memory, datasourceUid }: Service) {
  const qualified = new Set(targets.map(({ query }) => query.metric)).size > 1;
  const notices = new Map(targets.map((target) => [target.query.refId, target.notices]));
  const frames = (plan: AnsweredPlan): DataFrame[] =>
    plan.query.queryType === 'annotation'
      ? rotationFrames(plan)
      : withNotices(toFrames(plan, { datasourceUid, qualified }), notices.get(plan.query.refId) ?? []);
  const plans = targets.map(({ query }) =>
    query.queryType === 'annotation' ? planRotations(query, context) : planMetric(query, context),
  );
  return runPlans(client, plans, context, memory, frames).pipe(
    caught(targets.map(({ query }) => query.refId)),
  );
}

function alone(
  { query, notices }: Prepared,
  context: RequestContext,
  { client }: Service,
): Observable<TargetResult[]> {
  const { refId } = query;
  return framesAlone(query, context, client).pipe(
    map((frames) => [{ refId, frames: withNotices(frames, notices) }]),
    caught([refId]),
  );
}

/** A failed request as the error of each target that it was for; one that Grafana cancelled stays cancelled. */
function caught(refIds: string[]) {
  return catchError<TargetResult[], Observable<TargetResult[]>>((error) => {
    if (!(error instanceof Error)) {
      return throwError(() => error);
    }
    const status = error instanceof ApiError ? error.status : undefined;
    return of(refIds.map((refId) => ({ refId, error: { message: error.message, status } })));
  });
}

/**
 * One packet with everything: of several, Grafana keeps the errors of the last only. It also shows messages without
 * their refId and repeats equal ones, so each is given once and says which query it is of, where others did not fail.
 */
function toResponse(results: TargetResult[]): DataQueryResponse {
  const failed = results.filter((result) => 'error' in result);
  const alike = new Set(failed.map(({ error }) => error.message)).size === 1;
  const shared = alike && failed.length === results.length;
  const shown = shared ? failed.slice(0, 1) : failed;
  const errors = shown.map(({ refId, error }) => ({
    refId,
    status: error.status,
    message: shared ? error.message : `${refId}: ${error.message}`,
  }));
  return {
    data: results.flatMap((result) => ('frames' in result ? result.frames : [])),
    ...(errors.length > 0 && { errors }),
  };
}

function contextOf(
  { range, intervalMs, timezone }: DataQueryRequest<AnalyticsQuery>,
  { datasourceUid }: Service,
  catalog: Catalog | undefined,
): RequestContext {
  return {
    range: { from: range.from.valueOf(), to: range.to.valueOf() },
    intervalMs,
    timeZone: ianaZone(timezone),
    now: Date.now(),
    catalog,
    datasourceUid,
  };
}
