import {
  dateTime,
  type AdHocVariableFilter,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
} from '@grafana/data';
import { firstValueFrom } from 'rxjs';
import type { Column, QueryRequest } from '../api/types';
import { AnalyticsDataSource } from '../datasource';
import { normalizeQuery } from '../query';
import type { AnalyticsQuery } from '../query';
import type { AnalyticsOptions } from '../types';
import { PROXY, type Reply } from './backend';

export const OPTIONS: AnalyticsOptions = { url: 'http://exporter:3001' };

export function datasource(options: AnalyticsOptions = OPTIONS): AnalyticsDataSource {
  return new AnalyticsDataSource({
    uid: 'analytics-uid',
    type: 'agentidp-analytics-datasource',
    name: 'Analytics',
    url: PROXY,
    jsonData: options,
  } as DataSourceInstanceSettings<AnalyticsOptions>);
}

export function query(changes: Partial<AnalyticsQuery> = {}): AnalyticsQuery {
  return normalizeQuery({ refId: 'A', metric: 'api_calls', ...changes });
}

export interface RequestOptions {
  from?: string;
  to?: string;
  intervalMs?: number;
  timezone?: string;
  filters?: AdHocVariableFilter[];
}

/** A request of a panel: 30 days of March and April 2026, one hour per pixel. */
export function panelRequest(
  targets: AnalyticsQuery[],
  {
    from = '2026-03-15T00:00:00Z',
    to = '2026-04-14T00:00:00Z',
    intervalMs = 3_600_000,
    timezone = 'utc',
    filters,
  }: RequestOptions = {},
): DataQueryRequest<AnalyticsQuery> {
  const range = { from: dateTime(from), to: dateTime(to) };
  return {
    requestId: 'Q1',
    app: 'dashboard',
    interval: '1h',
    intervalMs,
    range: { ...range, raw: range },
    scopedVars: {},
    startTime: 0,
    targets,
    timezone,
    filters,
  };
}

export function run(
  source: AnalyticsDataSource,
  targets: AnalyticsQuery[],
  options?: RequestOptions,
): Promise<DataQueryResponse> {
  return firstValueFrom(source.query(panelRequest(targets, options)));
}

/** Returns the same columns for every query of a request. */
export function columnsFor({ queries }: QueryRequest, columns: Column[], notices: string[] = []): Reply {
  return { data: { results: Object.fromEntries(queries.map(({ refId }) => [refId, { columns, notices }])) } };
}

export const time = (...values: string[]): Column => ({ name: 'time', type: 'time', values });
export const text = (name: string, ...values: Array<string | null>): Column => ({
  name,
  type: 'string',
  values,
});
export const value = (...values: Array<number | null>): Column => ({ name: 'value', type: 'number', values });

/** The names and values of the fields of a frame. */
export function columnsOf(frame: DataFrame | undefined): Record<string, unknown[]> {
  return Object.fromEntries((frame?.fields ?? []).map(({ name, values }) => [name, values]));
}
