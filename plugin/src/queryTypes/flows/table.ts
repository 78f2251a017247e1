import type { DataFrame } from '@grafana/data';
import type { SessionFlows } from '../../api/types';
import {
  COUNT,
  MILLISECONDS,
  numberColumn,
  PERCENT,
  tableOf,
  textColumn,
  type Column,
} from '../../frames/columns';
import { flowText } from '../../frames/flows';

interface Row {
  flow: string;
  count: number;
  share: number | null;
  avg_duration_ms: number | null;
  completion_rate: number | null;
}

const COLUMNS: Array<Column<Row>> = [
  textColumn('Flow', 'flow'),
  numberColumn('Sessions', 'count', COUNT),
  numberColumn('Share', 'share', PERCENT),
  numberColumn('Duration', 'avg_duration_ms', MILLISECONDS),
  numberColumn('Completion rate', 'completion_rate', PERCENT),
];

/** The flows, and all others as the last row. */
export function flowTableFrames(refId: string, { common_flows, other }: SessionFlows): DataFrame[] {
  const rows = common_flows.map(({ steps, ...figures }): Row => ({ flow: flowText(steps), ...figures }));
  const others: Row = { flow: '(other flows)', ...other, avg_duration_ms: null, completion_rate: null };
  return tableOf(refId, other.count > 0 ? [...rows, others] : rows, COLUMNS);
}
