/**
 * Every metric, declared once, in the file of its kind of fact. The query API, the named endpoints, the plugin's editor and
 * the documentation follow from these entries.
 */
import { type Metric, METRICS } from './kinds.js';

export * from './kinds.js';

const BY_NAME = new Map(
  METRICS.flatMap((metric) => [metric.name, ...(metric.aliases ?? [])].map((name) => [name, metric])),
);

/** By its name or one of its aliases. */
export function findMetric(name: string): Metric | undefined {
  return BY_NAME.get(name);
}
