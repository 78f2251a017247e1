import { set } from 'agentidp-analytics-panels/color';
import type { Override } from 'agentidp-analytics-panels/panel';

const CLASSES = { '2xx': 'green', '3xx': 'blue', '4xx': 'orange', '5xx': 'red' };

/** Fixed colours for HTTP status classes. */
export const statusClassColors: Override[] = colors(CLASSES);

const PERCENTILES = { p50: 'green', p95: 'orange', p99: 'red' };

/** Fixed colours for percentiles. */
export const percentileColors: Override[] = colors(PERCENTILES);

function colors(byName: Record<string, string>): Override[] {
  return Object.entries(byName).map(([field, color]) => ({ field, properties: [set.color(color)] }));
}
