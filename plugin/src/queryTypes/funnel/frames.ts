/** The steps of a funnel, in their order. */
import type { DataFrame } from '@grafana/data';
import type { FunnelStep } from '../../api/types';
import {
  COUNT,
  MILLISECONDS,
  numberColumn,
  PERCENT,
  tableOf,
  textColumn,
  type Column,
} from '../../frames/columns';
import type { BaseQuery } from '../../types';

/** With a second number, a bar gauge would add the name of the field to that of each step. */
const BARS: Array<Column<FunnelStep>> = [
  textColumn('Step', 'step'),
  numberColumn('Sessions', 'sessions', COUNT),
];

const TABLE: Array<Column<FunnelStep>> = [
  ...BARS,
  numberColumn('Of first', 'conversion_rate', PERCENT),
  numberColumn('Of previous', 'from_previous_rate', PERCENT),
  numberColumn('Time from previous', 'median_ms_from_previous', MILLISECONDS),
];

export function funnelFrames({ refId, format }: BaseQuery, steps: FunnelStep[]): DataFrame[] {
  return tableOf(refId, steps, format === 'table' ? TABLE : BARS);
}
