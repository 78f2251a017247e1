/** The parts of an execution as frames. */
import type { DataFrame } from '@grafana/data';
import type { Child, ExecutionDetail, Step, TokenUsage } from '../../api/types';
import {
  COUNT,
  MILLISECONDS,
  numberColumn,
  tableOf,
  textColumn,
  timeColumn,
  USD,
  type Column,
} from '../../frames/columns';
import { summaryColumns } from '../../frames/executions';
import { agentOf } from '../../frames/names';
import { AGENT_ID_OF_ROW, agentLinks, EXECUTION_OF_ROW, executionLinks } from '../../links';
import type { ExecutionQuery } from './query';

/** The parts of a single execution. A trace has the runs below it too. */
export function executionFrames(
  { refId, part }: ExecutionQuery,
  execution: ExecutionDetail,
  datasourceUid: string,
): DataFrame[] {
  switch (part) {
    case 'children':
      return tableOf(refId, execution.children, childColumns(datasourceUid));
    case 'steps':
      return tableOf(refId, execution.steps, STEP_COLUMNS);
    case 'usages':
      return tableOf(refId, execution.token_usages, USAGE_COLUMNS);
    default:
      return tableOf(refId, [execution], summaryColumns(execution, datasourceUid));
  }
}

function childColumns(datasourceUid: string): Array<Column<Child>> {
  return [
    textColumn('Execution', 'id', { config: { links: executionLinks(datasourceUid, EXECUTION_OF_ROW) } }),
    textColumn('Agent', 'agent_name', {
      value: agentOf,
      config: { links: agentLinks(datasourceUid, AGENT_ID_OF_ROW) },
    }),
    textColumn('Agent ID', 'agent_id'),
    textColumn('Status', 'status'),
    numberColumn('Duration', 'execution_time_ms', MILLISECONDS),
    numberColumn('Cost', 'cost_usd', USD),
  ];
}

const STEP_COLUMNS: Array<Column<Step>> = [
  numberColumn('#', 'step_number', COUNT),
  timeColumn('Started', 'timestamp'),
  textColumn('Type', 'step_type'),
  textColumn('Tool', 'tool_name'),
  textColumn('Status', 'status'),
  numberColumn('Duration', 'duration_ms', MILLISECONDS),
  numberColumn('Tokens in', 'input_tokens', COUNT),
  numberColumn('Tokens out', 'output_tokens', COUNT),
  textColumn('Content', 'content'),
];

const USAGE_COLUMNS: Array<Column<TokenUsage>> = [
  textColumn('Component', 'component'),
  textColumn('Provider', 'provider'),
  textColumn('Model', 'model'),
  numberColumn('Step', 'step_number', COUNT),
  numberColumn('Tokens in', 'input_tokens', COUNT),
  numberColumn('Cached', 'cached_input_tokens', COUNT),
  numberColumn('Tokens out', 'output_tokens', COUNT),
  numberColumn('Reasoning', 'reasoning_tokens', COUNT),
  numberColumn('Cost', 'cost_usd', USD),
  textColumn('Cost source', 'cost_source'),
];
