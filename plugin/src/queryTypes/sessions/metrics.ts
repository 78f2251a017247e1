import type { DataFrame } from '@grafana/data';
import type { SessionMetrics } from '../../api/types';
import { COUNT, numberColumn, PERCENT, SECONDS, tableOf, type Column } from '../../frames/columns';

const MEAN = { unit: 'short' };

const COLUMNS: Array<Column<SessionMetrics>> = [
  numberColumn('Sessions', 'total_sessions', COUNT),
  numberColumn('Active', 'active_sessions', COUNT),
  numberColumn('Ended', 'ended_sessions', COUNT),
  numberColumn('Duration', 'avg_duration_sec', SECONDS),
  numberColumn('Executions', 'avg_executions', MEAN),
  numberColumn('Steps', 'avg_steps', MEAN),
  numberColumn('Completion rate', 'completion_rate', PERCENT),
  numberColumn('Executions without session', 'executions_without_session', COUNT),
];

/** One row. Durations, executions and steps are means. */
export function sessionMetricFrames(refId: string, metrics: SessionMetrics): DataFrame[] {
  return tableOf(refId, [metrics], COLUMNS);
}
