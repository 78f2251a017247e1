/** What has a route of its own: one target, one request. */
import type { DataFrame } from '@grafana/data';
import { catchError, defer, map, of, throwError, type Observable } from 'rxjs';
import { jobFailureFrames } from '../annotations/jobs';
import type { AnalyticsClient } from '../api/client';
import { ApiError } from '../api/errors';
import type { ExecutionDetail } from '../api/types';
import { budgetFrames } from '../frames/budgets';
import { executionFrames, executionListFrames } from '../frames/executions';
import { forecastFrames } from '../frames/forecast';
import type { AnalyticsQuery } from '../types';
import { valueFrames } from '../variables/values';
import { readExecutions } from './executions';
import type { RequestContext } from './plan';

/** Values that a variable offers at most. */
const VARIABLE_VALUES = 1_000;

export function framesAlone(
  query: AnalyticsQuery,
  context: RequestContext,
  client: AnalyticsClient,
): Observable<DataFrame[]> {
  const { refId } = query;
  const { range, datasourceUid } = context;
  switch (query.queryType) {
    case 'executions':
      return defer(() => readExecutions(client, query, context)).pipe(
        map((list) => executionListFrames(refId, list, datasourceUid)),
      );
    case 'execution':
      // Nothing is chosen yet: the panel says so in its own words.
      return query.executionId
        ? readExecution(client, query.executionId).pipe(
            map((execution) => executionFrames(query, execution, datasourceUid)),
          )
        : of([]);
    case 'budgets':
      return client.budgets().pipe(map((budgets) => budgetFrames(refId, budgets)));
    case 'forecast':
      return client.forecast().pipe(map((forecast) => forecastFrames(query, forecast)));
    case 'dimensionValues':
      return client
        .dimensionValues(query.dimension ?? '', { search: query.search, limit: VARIABLE_VALUES })
        .pipe(map((values) => valueFrames(refId, values)));
    default:
      return client
        .jobs(new Date(range.from).toISOString(), new Date(range.to).toISOString())
        .pipe(map((runs) => jobFailureFrames(refId, runs)));
  }
}

/** The id may be one of another tenant, or no id at all: neither is there. */
function readExecution(client: AnalyticsClient, id: string): Observable<ExecutionDetail> {
  return client
    .execution(id)
    .pipe(
      catchError((error) =>
        throwError(() =>
          error instanceof ApiError && error.kind === 'missing'
            ? new ApiError('missing', error.status, { message: `There is no execution “${id}”.` })
            : error,
        ),
      ),
    );
}
