/** What a named endpoint reads: the aggregate and levels that `/query` would read for that metric, in UTC. */
import { sourceFor } from '../aggregates/index.js';
import { findMetric, isStored, type DimensionName } from '../catalog/index.js';
import type { Selection } from './base.js';
import type { PlannedFilter } from './plan.js';
import { type Range, segmentsOf } from './segments.js';

export interface SelectionRequest {
  metric: string;
  /** Of whole hours. */
  range: Range;
  dimensions?: readonly DimensionName[];
  filters?: readonly PlannedFilter[];
  /** Whether whole days are read as such, and only the ragged ends of the range as hours. Default: true. */
  inDays?: boolean;
}

export function selectionOf(tenantId: string, request: SelectionRequest): Selection {
  const { metric: name, range, dimensions = [], filters = [], inDays = true } = request;
  const metric = findMetric(name);
  const used = [...dimensions, ...filters.map(({ dimension }) => dimension)].filter(isStored);
  const source = metric && sourceFor(metric, used, 'hour');
  if (source === undefined) throw new Error(`${name} is not kept by ${used.join(', ')}`);
  const segments = segmentsOf(range, inDays);
  return { tenantId, source, range, segments, timeZone: 'UTC', roundHours: false, filters };
}
