import { CustomVariableSupport, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import type { Observable } from 'rxjs';
import type { AnalyticsDataSource } from '../datasource';
import { lazyEditor } from '../editors/lazy';
import { normalizeQuery } from '../query';
import type { AnalyticsOptions, AnalyticsQuery } from '../types';

const DEFAULT_DIMENSION = 'agent';

/** Template variables whose values are those of a dimension. */
export class VariableSupport extends CustomVariableSupport<
  AnalyticsDataSource,
  AnalyticsQuery,
  AnalyticsQuery,
  AnalyticsOptions
> {
  override editor = lazyEditor(
    async () => (await import('../editors/VariableQueryEditor')).VariableQueryEditor,
  );

  constructor(private readonly datasource: AnalyticsDataSource) {
    super();
  }

  override getDefaultQuery(): Partial<AnalyticsQuery> {
    return variableQuery(undefined);
  }

  override query(request: DataQueryRequest<AnalyticsQuery>): Observable<DataQueryResponse> {
    return this.datasource.query({ ...request, targets: request.targets.map(variableQuery) });
  }
}

/** @param stored what the dashboard has: nothing, an object, or, written by hand, a dimension's name */
export function variableQuery(stored: Partial<AnalyticsQuery> | string | undefined): AnalyticsQuery {
  const query = typeof stored === 'string' ? { dimension: stored } : (stored ?? {});
  return normalizeQuery({
    ...query,
    refId: query.refId ?? 'variable',
    queryType: 'dimensionValues',
    dimension: query.dimension || DEFAULT_DIMENSION,
  });
}
