import { CustomVariableSupport, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import type { Observable } from 'rxjs';
import { lazyEditor } from './editors/lazy';
import type { ClientSource } from './editors/props';
import { variableQuery, type AnalyticsQuery } from './query';
import type { AnalyticsOptions } from './types';

/** Template variables with the values of a dimension. */
export class VariableSupport extends CustomVariableSupport<
  ClientSource,
  AnalyticsQuery,
  AnalyticsQuery,
  AnalyticsOptions
> {
  override editor = lazyEditor(
    async () => (await import('./queryTypes/dimensionValues/VariableQueryEditor')).VariableQueryEditor,
  );

  /** @param run runs a query of the data source */
  constructor(
    private readonly run: (request: DataQueryRequest<AnalyticsQuery>) => Observable<DataQueryResponse>,
  ) {
    super();
  }

  override getDefaultQuery(): Partial<AnalyticsQuery> {
    return variableQuery(undefined);
  }

  override query(request: DataQueryRequest<AnalyticsQuery>): Observable<DataQueryResponse> {
    return this.run({ ...request, targets: request.targets.map(variableQuery) });
  }
}
