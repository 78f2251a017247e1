/** A request of Grafana from its targets to one packet of frames and errors. */
import type { DataFrame, DataQueryRequest, DataQueryResponse, QueryResultMetaNotice } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { catchError, forkJoin, map, of, switchMap, throwError, type Observable } from 'rxjs';
import { applyAdHocFilters } from '../adhoc';
import { jobFailureFrames } from '../annotations/jobs';
import { rotationFrames } from '../annotations/rotations';
import type { AnalyticsClient } from '../api/client';
import { ApiError, messageOf } from '../api/errors';
import type { Catalog } from '../api/types';
import { toFrames } from '../frames';
import { withNotices } from '../frames/meta';
import { interpolateQuery } from '../interpolate';
import type { AnalyticsQuery } from '../types';
import { valueFrames } from '../variables/values';
import { findMetric, planMetric, planRotations, type RequestContext } from './plan';
import { runPlans, type AnsweredPlan, type CoarseMemory, type TargetResult } from './run';
import { ianaZone } from './zone';

export interface Service {
  client: AnalyticsClient;
  memory: CoarseMemory;
  datasourceUid: string;
}

/** Values that a variable offers at most. */
const VARIABLE_VALUES = 1_000;

/** Emits once. Unsubscribing cancels every request still on its way. */
export function answer(
  request: DataQueryRequest<AnalyticsQuery>,
  service: Service,
): Observable<DataQueryResponse> {
  if (request.targets.length === 0) {
    return of({ data: [] });
  }
  const wantsCatalog = request.targets.some(
    ({ queryType, annotation }) => queryType === 'metric' || annotation === 'rotations',
  );
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
  const isPlanned = ({ query }: Prepared) => query.queryType === 'metric' || query.annotation === 'rotations';
  return [
    of(prepared.filter((target) => 'error' in target)),
    together(ready.filter(isPlanned), context, service),
    ...ready.filter((target) => !isPlanned(target)).map(({ query }) => alone(query, context, service)),
  ];
}

interface Prepared {
  query: AnalyticsQuery;
  notices: QueryResultMetaNotice[];
}

/** Variables and ad-hoc filters into a target; a filter that cannot be applied fails this target alone. */
function prepare(
  target: AnalyticsQuery,
  { scopedVars, filters }: DataQueryRequest<AnalyticsQuery>,
  catalog: Catalog | undefined,
): Prepared | { refId: string; error: { message: string } } {
  const interpolated = interpolateQuery(target, { templates: getTemplateSrv(), scopedVars });
  const metric = findMetric(catalog, metricOf(interpolated));
  try {
    const { query, skipped } = applyAdHocFilters(interpolated, filters, metric);
    const notices = skipped.map((dimension): QueryResultMetaNotice => {
      const title = catalog?.dimensions.find(({ name }) => name === dimension)?.title ?? dimension;
      return {
        severity: 'warning',
        text: `Not filtered by ${title}: ${metric?.title} is not counted by it.`,
      };
    });
    return { query, notices };
  } catch (error) {
    return { refId: target.refId, error: { message: messageOf(error) } };
  }
}

/** All that is asked of /query, in one request. */
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

/** What has a route of its own. */
function alone(
  query: AnalyticsQuery,
  { range }: RequestContext,
  { client }: Service,
): Observable<TargetResult[]> {
  const { refId } = query;
  const frames =
    query.queryType === 'dimensionValues'
      ? client
          .dimensionValues(query.dimension ?? '', { search: query.search, limit: VARIABLE_VALUES })
          .pipe(map((values) => valueFrames(refId, values)))
      : client
          .jobs(new Date(range.from).toISOString(), new Date(range.to).toISOString())
          .pipe(map((runs) => jobFailureFrames(refId, runs)));
  return frames.pipe(
    map((made) => [{ refId, frames: made }]),
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

function metricOf({ queryType, metric }: AnalyticsQuery): string {
  return queryType === 'annotation' ? 'credential_rotations' : metric;
}
