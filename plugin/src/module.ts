import { DataSourcePlugin } from '@grafana/data';
import { AnalyticsDataSource } from './datasource';
import { lazyEditor } from './editors/lazy';
import type { AnalyticsQuery } from './query';
import type { AnalyticsOptions, AnalyticsSecrets } from './types';

export const plugin = new DataSourcePlugin<
  AnalyticsDataSource,
  AnalyticsQuery,
  AnalyticsOptions,
  AnalyticsSecrets
>(AnalyticsDataSource)
  .setConfigEditor(lazyEditor(async () => (await import('./editors/ConfigEditor')).ConfigEditor))
  .setQueryEditor(lazyEditor(async () => (await import('./editors/QueryEditor')).QueryEditor))
  .setQueryEditorHelp(lazyEditor(async () => (await import('./editors/QueryEditorHelp')).QueryEditorHelp));
