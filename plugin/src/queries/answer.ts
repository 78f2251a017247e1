/** Answers a request of Grafana: converts its targets to one packet of frames and errors. */
import { LoadingState, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import { catchError, EMPTY, forkJoin, map, merge, of, switchMap, throwError, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../api/client';
import { ApiError } from '../api/errors';
import type { Catalog } from '../api/types';
import { withNotices } from '../frames/notices';
import { queryTypeOf, type AnalyticsQuery } from '../queryTypes';
import type { BatchedRequest, SeparateRequest, StreamedRequest } from '../queryTypes/definition';
import { contextOf, type RequestContext } from './context';
import { prepare, type Prepared } from './prepare';
import { runBatch, type CoarseMemory, type TargetResult } from './run';

interface Service {
  client: AnalyticsClient;
  memory: CoarseMemory;
  datasourceUid: string;
}

/** Emits once, and then whatever is streamed. Unsubscribing cancels all requests in flight. */
export function answer(
  request: DataQueryRequest<AnalyticsQuery>,
  service: Service,
): Observable<DataQueryResponse> {
  if (request.targets.length === 0) {
    return of({ data: [] });
  }
  // Notices about ad-hoc filters also need the titles in the catalog.
  const needsCatalog =
    request.targets.some((target) => queryTypeOf(target).needsCatalog?.(target)) ||
    Boolean(request.filters?.length);
  // Without the catalog there are no titles, but there may still be data.
  const catalog = service.client
    .catalog()
    .pipe(catchError((error) => (error instanceof ApiError ? of(undefined) : throwError(() => error))));
  return (needsCatalog ? catalog : of(undefined)).pipe(
    switchMap((known) => {
      const { once, streams } = runTargets(request, service, known);
      return merge(
        streams.length === request.targets.length
          ? EMPTY
          : forkJoin(once).pipe(map((results) => toResponse(results.flat()))),
        ...streams,
      );
    }),
  );
}

/** A target with its request. */
interface Target<Request> extends Prepared {
  request: Request;
}

function runTargets(
  request: DataQueryRequest<AnalyticsQuery>,
  service: Service,
  catalog: Catalog | undefined,
): { once: Array<Observable<TargetResult[]>>; streams: Array<Observable<DataQueryResponse>> } {
  const context = contextOf(request, service.datasourceUid, catalog);
  const prepared = request.targets.map((target) => prepare(target, request, catalog));
  const batched: Array<Target<BatchedRequest>> = [];
  const separate: Array<Target<SeparateRequest>> = [];
  const streamed: Array<Target<StreamedRequest>> = [];
  for (const target of prepared.filter((one) => 'query' in one)) {
    const own = queryTypeOf(target.query).request(target.query, context, service.client);
    if ('plan' in own) {
      batched.push({ ...target, request: own });
    } else if ('stream' in own) {
      streamed.push({ ...target, request: own });
    } else {
      separate.push({ ...target, request: own });
    }
  }
  const once = [
    of(prepared.filter((target) => 'error' in target)),
    answerBatch(batched, context, service),
    ...separate.map(answerSeparately),
  ];
  return { once, streams: streamed.map(answerAgainAndAgain) };
}

/** The key keeps a packet of one target from replacing those of others. */
function answerAgainAndAgain({
  query: { refId },
  notices,
  request,
}: Target<StreamedRequest>): Observable<DataQueryResponse> {
  return request.stream.pipe(
    map((frames) => [{ refId, frames: withNotices(frames, notices) }]),
    failing([refId]),
    map((results) => ({ ...toResponse(results), key: refId, state: LoadingState.Streaming })),
  );
}

/** All batched targets in one request, and a second request for the previous period if a target compares with it. */
function answerBatch(
  targets: Array<Target<BatchedRequest>>,
  context: RequestContext,
  { client, memory }: Service,
): Observable<TargetResult[]> {
  const qualified = new Set(targets.map(({ query }) => query.metric)).size > 1;
  const runs = targets.map(({ request, notices }) => ({
    plan: request.plan,
    toFrames: (answered: Parameters<typeof request.toFrames>[0]) =>
      withNotices(request.toFrames(answered, { qualified }), notices),
  }));
  return runBatch(client, runs, context, memory).pipe(failing(targets.map(({ query }) => query.refId)));
}

function answerSeparately({
  query: { refId },
  notices,
  request,
}: Target<SeparateRequest>): Observable<TargetResult[]> {
  return request.frames.pipe(
    map((frames) => [{ refId, frames: withNotices(frames, notices) }]),
    failing([refId]),
  );
}

/** Makes a failed request the error of each of its targets. A request that Grafana cancelled stays cancelled. */
function failing(refIds: string[]) {
  return catchError<TargetResult[], Observable<TargetResult[]>>((error) => {
    if (!(error instanceof Error)) {
      return throwError(() => error);
    }
    const status = error instanceof ApiError ? error.status : undefined;
    return of(refIds.map((refId) => ({ refId, error: { message: error.message, status } })));
  });
}

/**
 * Returns everything in one packet, because Grafana only keeps the errors of the last one. Grafana shows messages without
 * their refId and repeats equal ones. So each is included once, and names its query unless all queries have the same error.
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
