import type { DataFrame } from '@grafana/data';
import type { Tool } from '../../api/types';
import {
  COUNT,
  MILLISECONDS,
  numberColumn,
  PERCENT,
  tableOf,
  textColumn,
  timeColumn,
  USD,
  type Column,
} from '../../frames/columns';
import { EXECUTION_OF_ROW, executionLinks } from '../../links';

type Row = Tool & { last_error_at: string | null };

export function toolFrames(refId: string, tools: Tool[], datasourceUid: string): DataFrame[] {
  const rows = tools.map((tool): Row => ({ ...tool, last_error_at: tool.last_error?.at ?? null }));
  return tableOf(refId, rows, columns(datasourceUid));
}

function columns(datasourceUid: string): Array<Column<Row>> {
  return [
    textColumn('Tool', 'name', { value: ({ name }) => name ?? '(none)' }),
    numberColumn('Calls', 'call_count', COUNT),
    numberColumn('Success rate', 'success_rate', PERCENT),
    numberColumn('Duration', 'avg_duration_ms', MILLISECONDS),
    numberColumn('P95 duration', 'p95_duration_ms', MILLISECONDS),
    numberColumn('Cost', 'cost', USD),
    numberColumn('Agents', 'agents', COUNT),
    textColumn('Last error', 'last_error', { value: ({ last_error }) => last_error?.message ?? null }),
    timeColumn('Last error at', 'last_error_at'),
    textColumn('Execution', 'last_error', {
      value: ({ last_error }) => last_error?.execution_id ?? null,
      config: { links: executionLinks(datasourceUid, EXECUTION_OF_ROW) },
    }),
  ];
}
