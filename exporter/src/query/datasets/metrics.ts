/** A metric of the catalog as a dataset: its value for each UTC day. */
import type { DimensionName } from '../../catalog/index.js';
import type { ReadPool } from '../../db/read-shares.js';
import { columnsOf, type PortableColumn } from '../../facts/portable.js';
import { type CatalogQuery, planQuery, type QueryContext } from '../plan.js';
import { runQuery } from '../run.js';
import type { Range } from '../segments.js';
import type { FilterName, Filters } from './dataset.js';

export interface MetricRequest {
  tenantId: string;
  range: Range;
  filters: Filters;
  now: number;
}

const DIMENSIONS: Readonly<Record<FilterName, DimensionName>> = {
  agent_ids: 'agent',
  agent_tags: 'agentTag',
  user_ids: 'user',
  environments: 'environment',
  statuses: 'executionStatus',
  model_names: 'model',
};

const queryOf = (metric: string, filters: Filters): CatalogQuery => ({
  refId: metric,
  metric,
  interval: 'day',
  filters: Object.entries(filters).map(([name, values]) => ({
    dimension: DIMENSIONS[name as FilterName],
    operator: 'in',
    values,
  })),
});

const contextOf = ({ tenantId, range, now }: MetricRequest): QueryContext => ({
  ...{ tenantId, range, now, timeZone: 'UTC' },
  // Hours suffice: a period is of whole hours.
  minutesFrom: Infinity,
});

/** @throws AppError VALIDATION_ERROR for a metric that is not there, or that cannot be filtered so */
export function checkMetric(metric: string, request: MetricRequest): void {
  planQuery(queryOf(metric, request.filters), contextOf(request));
}

export const metricColumns = (metric: string): PortableColumn[] => [
  ...columnsOf('date', 'date'),
  ...columnsOf('number', metric),
];

export async function* metricRows(
  pool: ReadPool,
  metric: string,
  request: MetricRequest,
): AsyncGenerator<Record<string, unknown>[]> {
  const { columns } = await runQuery(pool, queryOf(metric, request.filters), contextOf(request));
  const valuesOf = (name: string): readonly unknown[] =>
    columns.find((column) => column.name === name)!.values;
  const values = valuesOf('value');
  yield valuesOf('time').map((time, i) => ({ date: String(time).slice(0, 10), [metric]: values[i] ?? null }));
}
