/** What series, rows and cells are called. */
import type { Labels } from '@grafana/data';
import type { Execution, Metric } from '../api/types';
import type { AnalyticsQuery } from '../types';
import type { Cell, Rows } from './rows';

// 0 is Sunday, as the API has it.
export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;

/** 9 is `09:00`. */
export function hourLabel(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

/** Events of the tenant itself, which no agent caused. */
const NO_AGENT = '(no agent)';
const NO_VALUE = '(none)';

/** A dimension's value for a reader. */
export function cellLabel(dimension: string, value: Cell): string {
  if (value === null || value === '') {
    return dimension === 'agent' || dimension === 'agentName' ? NO_AGENT : NO_VALUE;
  }
  switch (dimension) {
    case 'weekday':
      return WEEKDAYS[Number(value)] ?? String(value);
    case 'hourOfDay':
      return hourLabel(Number(value));
    default:
      return String(value);
  }
}

/** The agent of an execution; one without a name is called by its id. */
export function agentOf({ agent_id, agent_name }: Pick<Execution, 'agent_id' | 'agent_name'>): string {
  return cellLabel('agentName', agent_name ?? agent_id);
}

/** A group's values as Grafana's labels; an agent without a name is called by its id. */
export function labelsOf({ groups }: Rows, group: Cell[]): Labels {
  const labels: Labels = {};
  groups.forEach(({ name }, index) => {
    const value = group[index] ?? null;
    labels[name] = name === 'agent' ? String(value ?? '') : cellLabel(name, value);
  });
  if ('agentName' in labels && labels.agentName === NO_AGENT && labels.agent) {
    labels.agentName = labels.agent;
  }
  return labels;
}

export interface Naming {
  query: Pick<AnalyticsQuery, 'alias' | 'metric'>;
  metric?: Metric;
  /** Whether the metric must be named too, because the panel shows several. */
  qualified?: boolean;
}

/** A series' name: the alias, or its group, or the metric where it is not grouped. */
export function seriesName({ query, metric, qualified }: Naming, labels: Labels): string {
  const title = metricTitle({ query, metric });
  if (query.alias) {
    return fillAlias(query.alias, {
      ...labels,
      metric: query.metric,
      metricTitle: metric?.title ?? query.metric,
    });
  }
  const named = Object.entries(labels).filter(([name]) => !(name === 'agent' && 'agentName' in labels));
  if (named.length === 0) {
    return title;
  }
  const group = named.map(([, value]) => value).join(', ');
  return qualified ? `${title}: ${group}` : group;
}

/** The name of a table's figures. */
export function metricTitle({ query, metric }: Naming): string {
  const title = metric?.title ?? query.metric;
  return query.alias ? fillAlias(query.alias, { metric: query.metric, metricTitle: title }) : title;
}

// A placeholder that stands for nothing stays, so that its author sees the mistake.
function fillAlias(alias: string, values: Record<string, string>): string {
  return alias.replace(/\{\{\s*(\w+)\s*\}\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
