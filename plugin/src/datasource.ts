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
import { annotationSupport } from './annotations';
import { AnalyticsClient } from './api/client';
import { checkHealth } from './health';
import { interpolateQuery } from './interpolate';
import { answer } from './queries/answer';
import { CoarseMemory } from './queries/run';
import { defaultQuery, isRunnable, normalizeQuery, queryText, type AnalyticsQuery } from './query';
import { queryTypeOf } from './queryTypes';
import type { AnalyticsOptions } from './types';
import { VariableSupport } from './variables';

/** The data source as Grafana calls it. Each method delegates to one module. */
export class AnalyticsDataSource extends DataSourceApi<AnalyticsQuery, AnalyticsOptions> {
  override readonly annotations = annotationSupport;
  override readonly variables = new VariableSupport((request) => this.query(request));
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
    return defaultQuery();
  }

  override getQueryDisplayText(query: AnalyticsQuery): string {
    return queryText(normalizeQuery(query));
  }

  /** For Explore, which has neither the variables nor the ad-hoc filters of the dashboard. */
  override interpolateVariablesInQueries(
    queries: AnalyticsQuery[],
    scopedVars: ScopedVars,
    filters?: AdHocVariableFilter[],
  ): AnalyticsQuery[] {
    const catalog = this.client.knownCatalog();
    return queries.map((stored) => {
      const query = interpolateQuery(normalizeQuery(stored), { templates: getTemplateSrv(), scopedVars });
      const dimensions = queryTypeOf(query).filterDimensions(query, catalog);
      const { query: restricted } = applyAdHocFilters(query, filters, dimensions);
      return { ...restricted, datasource: this.getRef() };
    });
  }

  /** Called for a click on a cell of Explore's table. */
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
            shown.map((query) => queryTypeOf(query).filterDimensions(query, catalog)),
          ),
        ),
      ),
    );
  }

  override getTagValues({ key }: DataSourceGetTagValuesOptions<AnalyticsQuery>): Promise<MetricFindValue[]> {
    return firstValueFrom(this.client.dimensionValues(key).pipe(map(tagValues)));
  }
}
