/** The demo's own dashboard: created once, and published in the demo's Grafana. */
import type { SentWidget } from '../custom-dashboards/schema.js';
import type { DemoApi } from './api.js';

const NAME = 'Support agents';

const WIDGETS: readonly SentWidget[] = [
  { type: 'metric', title: 'Executions', metric: 'executions', period: '7d' },
  { type: 'metric', title: 'Success rate', metric: 'success_rate', period: '7d' },
  { type: 'metric', title: 'Cost', metric: 'cost', period: '7d' },
  { type: 'metric', title: 'Cost of 30 days', metric: 'cost', period: '30d' },
  {
    type: 'chart',
    title: 'Executions by agent',
    metric: 'executions',
    group_by: ['agent'],
    chart_type: 'bar',
    limit: 6,
    period: '7d',
  },
  {
    type: 'chart',
    title: 'Cost by agent',
    metric: 'cost',
    group_by: ['agent'],
    chart_type: 'area',
    limit: 6,
    period: '7d',
  },
  { type: 'pie', title: 'Tokens by model', metric: 'total_tokens', group_by: ['model'], period: '7d' },
  {
    type: 'table',
    title: 'Tools',
    metric: 'tool_calls',
    group_by: ['tool'],
    limit: 15,
    width: 8,
    period: '7d',
  },
  {
    type: 'funnel',
    title: 'From order to refund',
    steps: ['read_order', 'check_policy', 'create_refund'],
    width: 8,
    period: '30d',
  },
  { type: 'heatmap', title: 'When agents call APIs', metric: 'api_calls', period: '7d' },
];

/** @returns its id */
export async function ensureDashboard(api: DemoApi): Promise<string> {
  const { dashboards } = await api.ask<{ dashboards: { id: string; name: string }[] }>('/dashboards');
  const known = dashboards.find(({ name }) => name === NAME);
  if (known !== undefined) return known.id;
  return (await api.ask<{ id: string }>('/dashboards', { name: NAME, widgets: WIDGETS })).id;
}

/** @returns where Grafana shows it */
export async function publishDashboard(api: DemoApi, id: string): Promise<string> {
  return (await api.ask<{ url: string }>(`/dashboards/${id}/publish`, {})).url;
}
