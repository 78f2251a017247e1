/** The names of a metric's series and columns. */
import type { Labels } from '@grafana/data';
import type { Metric } from '../../../api/types';
import { IDS } from '../../../frames/names';
import type { MetricQuery } from '../query';

interface Naming {
  query: Pick<MetricQuery, 'alias' | 'metric'>;
  metric?: Metric;
  /** Whether the panel shows several metrics, so that the name must include the metric. */
  qualified?: boolean;
}

/** The alias if there is one, otherwise the group, or the metric of an ungrouped query. */
export function seriesName({ query, metric, qualified }: Naming, labels: Labels): string {
  const title = metricTitle({ query, metric });
  if (query.alias) {
    return fillAlias(query.alias, {
      ...labels,
      metric: query.metric,
      metricTitle: metric?.title ?? query.metric,
    });
  }
  const named = Object.entries(labels).filter(([name]) => !hasName(name, labels));
  if (named.length === 0) {
    return title;
  }
  const group = named.map(([, value]) => value).join(', ');
  return qualified ? `${title}: ${group}` : group;
}

/** Whether another label has the name of an id. */
function hasName(id: string, labels: Labels): boolean {
  return Object.entries(IDS).some(([name, of]) => of === id && name in labels);
}

/** The name of a table's value column. */
export function metricTitle({ query, metric }: Naming): string {
  const title = metric?.title ?? query.metric;
  return query.alias ? fillAlias(query.alias, { metric: query.metric, metricTitle: title }) : title;
}

// An unknown placeholder is kept, so that the author of the alias notices it.
function fillAlias(alias: string, values: Record<string, string>): string {
  return alias.replace(/\{\{\s*(\w+)\s*\}\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
