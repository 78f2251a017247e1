import { timeSeries } from 'agentidp-analytics-panels/chart';
import { COLOR, set } from 'agentidp-analytics-panels/color';
import { promRange, promTable } from '../../lib/prometheus.js';
import { cell, table } from 'agentidp-analytics-panels/table';
import { arrange, mergeTables } from '../../lib/transformations.js';
import { TENANTS, TENANTS_STEP, tenantRate } from './selectors.js';

const chart = {
  width: 8,
  height: 8,
  noValue: 'No tenant metrics in this time range',
  draw: 'lines',
} as const;
const REPLICA = 'max without (instance)';

const range = (expr: string, legend: string) => promRange(expr, legend, TENANTS_STEP);

/** Seconds since a timestamp metric. */
const since = (metric: string) => `time() - ${REPLICA} (${metric}{${TENANTS}})`;
/** Keeps only the labels that the table shows. */
const perAgent = (expr: string) => `max by (tenant, agent) (${expr})`;

export const tenantPanels = [
  timeSeries({
    ...chart,
    title: 'API calls by tenant',
    description: 'API calls per second by tenant.',
    unit: 'reqps',
    targets: [range(`sum by (tenant) (${tenantRate('agentidp_api_calls_total')})`, '{{tenant}}')],
  }),
  timeSeries({
    ...chart,
    title: 'API error rate by tenant',
    noValue: 'No calls in this time range',
    description: 'Share of API calls with status 400 or higher.',
    unit: 'percentunit',
    softMax: 0.05,
    targets: [
      range(
        `sum by (tenant) (${tenantRate('agentidp_api_errors_total')}) / ` +
          `(sum by (tenant) (${tenantRate('agentidp_api_calls_total')}) > 0)`,
        '{{tenant}}',
      ),
    ],
  }),
  timeSeries({
    ...chart,
    title: 'Token failure rate by tenant',
    noValue: 'No token requests in this time range',
    description: 'Share of token requests that were refused.',
    unit: 'percentunit',
    softMax: 0.05,
    targets: [
      range(
        `sum by (tenant) (${tenantRate('agentidp_token_failures_total')}) / ` +
          `(sum by (tenant) (${tenantRate('agentidp_token_failures_total')}) + ` +
          `sum by (tenant) (${tenantRate('agentidp_token_issuances_total')}) > 0)`,
        '{{tenant}}',
      ),
    ],
  }),
  timeSeries({
    ...chart,
    title: 'Active agents by tenant',
    description: 'Agents with at least one event in the preceding 24 hours.',
    unit: 'short',
    targets: [range(`${REPLICA} (agentidp_active_agents{${TENANTS}})`, '{{tenant}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Busiest agents',
    description: 'API calls per second of the ten agents with the highest rate at each point.',
    unit: 'reqps',
    targets: [
      range(
        `topk(10, sum by (tenant, agent) (${tenantRate('agentidp_api_calls_total')}))`,
        '{{tenant}} {{agent}}',
      ),
    ],
  }),
  timeSeries({
    ...chart,
    title: 'Credential rotations by tenant',
    description: 'Credential rotations in the preceding hour.',
    unit: 'short',
    draw: 'bars',
    stacked: true,
    targets: [
      range(
        `sum by (tenant) (${REPLICA} (increase(agentidp_credential_rotations_total{${TENANTS}}[1h])))`,
        '{{tenant}}',
      ),
    ],
  }),
  table({
    title: 'Agents monitored by alerts',
    description:
      'Time since the last event and the last rotation, as used by the alerts on silent agents and overdue rotations. ' +
      'Only the largest agents are listed; the others are combined as "other".',
    unit: 's',
    noValue: 'No tenant metrics in this time range',
    width: 24,
    height: 10,
    sortBy: 'Since rotation',
    targets: [
      promTable(perAgent(since('agentidp_credential_last_rotation_timestamp_seconds'))),
      promTable(perAgent(since('agentidp_agent_last_seen_timestamp_seconds'))),
    ],
    transformations: [
      mergeTables,
      arrange(
        ['tenant', 'agent', 'Value #A', 'Value #B'],
        { tenant: 'Tenant', agent: 'Agent', 'Value #A': 'Since rotation', 'Value #B': 'Since last event' },
        ['Time'],
      ),
    ],
    overrides: [
      { field: 'Since rotation', properties: [set.unit('s'), ...cell.bar(COLOR.rotation)] },
      { field: 'Since last event', properties: [set.unit('s'), ...cell.bar(COLOR.calls)] },
    ],
  }),
];
