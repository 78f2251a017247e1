import { timeSeries } from '../../lib/chart.js';
import { COLOR, set } from '../../lib/color.js';
import { promRange, promTable } from '../../lib/prometheus.js';
import { cell, table } from '../../lib/table.js';
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

/** Seconds since a time that the exporter knows per tenant and agent. */
const since = (metric: string) => `time() - ${REPLICA} (${metric}{${TENANTS}})`;
/** Only the labels that the table shows. */
const perAgent = (expr: string) => `max by (tenant, agent) (${expr})`;

export const tenantPanels = [
  timeSeries({
    ...chart,
    title: 'API calls by tenant',
    description: 'Calls a second of the agents of each tenant.',
    unit: 'reqps',
    targets: [range(`sum by (tenant) (${tenantRate('agentidp_api_calls_total')})`, '{{tenant}}')],
  }),
  timeSeries({
    ...chart,
    title: 'API error rate by tenant',
    noValue: 'No calls in this time range',
    description: 'Calls answered with 400 or more as part of all calls.',
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
    description: 'Refused token requests as part of all token requests.',
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
    description: 'Agents with an event of any kind within the 24 hours before each point.',
    unit: 'short',
    targets: [range(`${REPLICA} (agentidp_active_agents{${TENANTS}})`, '{{tenant}}')],
  }),
  timeSeries({
    ...chart,
    title: 'Busiest agents',
    description: 'Calls a second of the ten agents that call most at each moment.',
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
    description: 'Credentials rotated within the hour before each point.',
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
    title: 'Agents for alerts',
    description:
      'What the alerts on silent agents and overdue rotations see: time since the last event and the last rotation ' +
      'of the largest agents, the rest together as other.',
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
