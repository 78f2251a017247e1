import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { analytics, chosenAgents } from './analytics.js';
import { set } from 'agentidp-analytics-panels/color';
import type { Override } from 'agentidp-analytics-panels/panel';
import { cell } from 'agentidp-analytics-panels/table';
import type { Target } from 'agentidp-analytics-panels/target';
import { arrange, mergeTables } from './transformations.js';

export interface AgentColumn {
  metric: string;
  title: string;
  /** Adds a column with a sparkline of the metric. */
  sparkline?: boolean;
}

/** The column that the plugin adds to a table with `sparkline`. */
export const TREND = 'trend';

/** Queries and transformations for a table with one row per agent and one column per metric. */
export function agentTotals(columns: AgentColumn[]): {
  targets: Target[];
  transformations: DataTransformerConfig[];
} {
  return {
    targets: columns.map(({ metric, title, sparkline }) =>
      analytics({
        metric,
        filters: [chosenAgents],
        groupBy: ['agent'],
        interval: 'none',
        format: 'table',
        alias: title,
        ...(sparkline ? { sparkline } : {}),
      }),
    ),
    transformations: [mergeTables, arrange(['agent', 'agentName', ...columns.flatMap(withTrend)])],
  };
}

/** Overrides for the agent's columns and, if there is one, for the sparkline. */
export function agentColumns(chartColor?: string): Override[] {
  const columns: Override[] = [
    // Hidden, but needed for the plugin's link to the agent.
    { field: 'agent', properties: cell.hidden() },
    { field: 'agentName', properties: [set.displayName('Agent'), set.custom('width', 200)] },
  ];
  if (chartColor) {
    columns.push({ field: TREND, properties: [set.displayName('Trend'), ...cell.sparkline(chartColor)] });
  }
  return columns;
}

function withTrend({ title, sparkline }: AgentColumn): string[] {
  return sparkline ? [title, TREND] : [title];
}
