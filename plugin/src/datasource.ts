import {
  DataSourceApi,
  type AdHocVariableFilter,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceGetTagKeysOptions,
  type DataSourceGetTagValuesOptions,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type QueryFixAction,
  type ScopedVars,
  type TestDataSourceResponse,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { firstValueFrom, map, type Observable } from 'rxjs';
import { addFilter, applyAdHocFilters, tagKeys, tagValues } from './adhoc';
import { annotationSupport } from './annotations/support';
import { AnalyticsClient } from './api/client';
import { checkHealth } from './health';
import { interpolateQuery } from './interpolate';
import { answer } from './queries/answer';
import { filterDimensions } from './queries/prepare';
import { CoarseMemory } from './queries/run';
import { DEFAULT_QUERY, isRunnable, normalizeQuery, queryText } from './query';
import type { AnalyticsOptions, AnalyticsQuery } from './types';
import { VariableSupport } from './variables/support';

/** Where Grafana meets the plugin: each of its questions is one call into the room that answers it. */
export class AnalyticsDataSource extends DataSourceApi<AnalyticsQuery, AnalyticsOptions> {
  override readonly annotations = annotationSupport;
  override readonly variables = new VariableSupport(this);
  readonly client: AnalyticsClient;
  private readonly options: AnalyticsOptions;
  private readonly memory = new CoarseMemory();

  constructor(settings: DataSourceInstanceSettings<AnalyticsOptions>) {
    super(settings);
    this.options = settings.jsonData;
    this.client = new AnalyticsClient(settings.url ?? '', settings.jsonData.authMethod ?? 'token');
  }

  override query(request: DataQueryRequest<AnalyticsQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.map(normalizeQuery).filter(isRunnable);
    return answer(
      { ...request, targets },
      { client: this.client, memory: this.memory, datasourceUid: this.uid },
    );
  }

  override testDatasource(): Promise<TestDataSourceResponse> {
    return checkHealth(this.client, this.options);
  }

  override filterQuery(query: AnalyticsQuery): boolean {
    return isRunnable(normalizeQuery(query));
  }

  override getDefaultQuery(): Partial<AnalyticsQuery> {
    return { ...DEFAULT_QUERY };
  }

  override getQueryDisplayText(query: AnalyticsQuery): string {
    return queryText(normalizeQuery(query));
  }

  /** What Explore opens with: no variable left, and the dashboard's own filters among the query's. */
  override interpolateVariablesInQueries(
    queries: AnalyticsQuery[],
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[],
  ): AnalyticsQuery[] {
    const catalog = this.client.knownCatalog();
    return queries.map((stored) => {
      const query = interpolateQuery(normalizeQuery(stored), { templates: getTemplateSrv(), scopedVars });
      const { query: restricted } = applyAdHocFilters(query, filters, filterDimensions(query, catalog));
      return { ...restricted, datasource: this.getRef() };
    });
  }

  /** A click on a cell of Explore's table. */
  override modifyQuery(query: AnalyticsQuery, { type, options }: QueryFixAction): AnalyticsQuery {
    if (!options?.key || options.value === undefined || !['ADD_FILTER', 'ADD_FILTER_OUT'].includes(type)) {
      return query;
    }
    return addFilter(normalizeQuery(query), options.key, options.value, type === 'ADD_FILTER');
  }

  override getTagKeys(options?: DataSourceGetTagKeysOptions<AnalyticsQuery>): Promise<MetricFindValue[]> {
    const shown = options?.queries?.map(normalizeQuery) ?? [];
    return firstValueFrom(
      this.client.catalog().pipe(
        map((catalog) =>
          tagKeys(
            catalog,
            shown.map((query) => filterDimensions(query, catalog)),
          ),
        ),
      ),
    );
  }

  override getTagValues({ key }: DataSourceGetTagValuesOptions<AnalyticsQuery>): Promise<MetricFindValue[]> {
    return firstValueFrom(this.client.dimensionValues(key).pipe(map(tagValues)));
  }
}
