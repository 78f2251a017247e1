/** Where a message about an alert leads: to the dashboard that shows its metric around that time, and to all alerts. */
import { type Dashboard, Links } from '../grafana-links.js';
import type { MessageContent } from '../outbox/messages.js';
import { HOUR } from '../time.js';
import { NO_NAME } from './evaluate.js';
import type { Reading } from './reading.js';
import type { Labels } from './rule.js';

/** Shown before the window. */
const LEAST_BEFORE = HOUR;

/** The first that fits. */
const DASHBOARD_OF: readonly [metric: RegExp, Dashboard][] = [
  [/^(api|rate_limited)_/, 'callPatterns'],
  [/rotation/, 'credentialRotation'],
  [/^token_/, 'tokenTrends'],
  [/cost|unpriced/, 'cost'],
  [/^tool_/, 'tools'],
  [/^(active_)?session/, 'sessions'],
  [/tokens|cache_hit/, 'models'],
  [/^execution|^steps$/, 'executions'],
];

const dashboardOf = (metric: string): Dashboard =>
  DASHBOARD_OF.find(([pattern]) => pattern.test(metric))?.[1] ?? 'agentActivity';

/**
 * The metric of an agent is on its own dashboard.
 * @param grafanaUrl undefined: no links
 */
export function linksOf(
  grafanaUrl: string | undefined,
  { metric, window }: Reading,
  { agent = NO_NAME }: Labels,
  { since, at }: { since: number; at: number },
): MessageContent['links'] {
  const from = Math.min(since, at) - window - Math.max(window, LEAST_BEFORE);
  const links = new Links(grafanaUrl, { from, to: at });
  return [
    {
      title: 'Metric in Grafana',
      url: links.toAgent(agent === NO_NAME ? null : agent, dashboardOf(metric.name)),
    },
    { title: 'Alerts in Grafana', url: links.to('alertsAndReports') },
  ].flatMap(({ title, url }) => (url === null ? [] : [{ title, url }]));
}
