import type { DataSourceApi, QueryEditorProps } from '@grafana/data';
import type { AnalyticsClient } from '../api/client';
import type { AnalyticsQuery } from '../query';
import type { AnalyticsOptions } from '../types';

/** The part of the data source that editors need. */
export interface ClientSource extends DataSourceApi<AnalyticsQuery, AnalyticsOptions> {
  readonly client: AnalyticsClient;
}

/** The props that Grafana passes to the editors of queries, annotations and variables. */
export type AnalyticsEditorProps = QueryEditorProps<ClientSource, AnalyticsQuery, AnalyticsOptions>;
