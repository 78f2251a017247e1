/** Executions as tables: a list of them, and the parts of one. */
import type { DataFrame } from '@grafana/data';
import type { Execution, ExecutionDetail } from '../api/types';
import { AGENT_ID_OF_ROW, agentLinks, EXECUTION_OF_ROW, executionLinks } from '../links';
import { MAX_EXECUTIONS, type ExecutionList } from '../queries/executions';
import type { AnalyticsQuery } from '../types';
import { COUNT, MILLISECONDS, numberColumn, tableOf, textColumn, timeColumn, USD, valuesOf } from './columns';
import { agentOf } from './names';
import { traceFrames } from './trace';

export function executionListFrames(
  refId: string,
  { items, cutFrom }: ExecutionList,
  datasourceUid: string,
): DataFrame[] {
  const text =
    cutFrom !== undefined &&
    `These are ${MAX_EXECUTIONS} of ${cutFrom} executions: a list holds no more. Narrow it down to see the others.`;
  return tableOf(refId, listColumns(items, datasourceUid), text ? [{ severity: 'warning', text }] : []);
}

/** What is asked for of one execution. */
export function executionFrames(
  { refId, part }: AnalyticsQuery,
  execution: ExecutionDetail,
  datasourceUid: string,
): DataFrame[] {
  switch (part) {
    case 'trace':
      return traceFrames(refId, execution);
    case 'steps':
      return stepFrames(refId, execution);
    case 'usages':
      return usageFrames(refId, execution);
    default:
      return summaryFrames(refId, execution, datasourceUid);
  }
}

function listColumns(items: Execution[], datasourceUid: string) {
  return [
    timeColumn('Started', valuesOf(items, 'started_at')),
    textColumn('Execution', valuesOf(items, 'id'), {
      links: executionLinks(datasourceUid, EXECUTION_OF_ROW),
    }),
    ...agentColumns(items, datasourceUid),
    textColumn('Status', valuesOf(items, 'status')),
    numberColumn('Duration', valuesOf(items, 'execution_time_ms'), MILLISECONDS),
    numberColumn('Steps', valuesOf(items, 'step_count'), COUNT),
    numberColumn('Tokens', valuesOf(items, 'total_tokens'), COUNT),
    numberColumn('Cost', valuesOf(items, 'cost_usd'), USD),
    textColumn('Cost source', valuesOf(items, 'cost_source')),
    textColumn('Model', valuesOf(items, 'model_name')),
    textColumn('User', valuesOf(items, 'user_id')),
    textColumn('Error', valuesOf(items, 'error_type')),
    textColumn('Preview', valuesOf(items, 'query_preview')),
  ];
}

function summaryFrames(refId: string, execution: ExecutionDetail, datasourceUid: string): DataFrame[] {
  const row = [execution];
  return tableOf(refId, [
    timeColumn('Started', valuesOf(row, 'started_at')),
    textColumn('Execution', valuesOf(row, 'id')),
    textColumn('Status', valuesOf(row, 'status')),
    numberColumn('Duration', valuesOf(row, 'execution_time_ms'), MILLISECONDS),
    numberColumn('Steps', [execution.steps.length], COUNT),
    numberColumn('Tokens', valuesOf(row, 'total_tokens'), COUNT),
    numberColumn('Tokens in', valuesOf(row, 'input_tokens'), COUNT),
    numberColumn('Tokens out', valuesOf(row, 'output_tokens'), COUNT),
    numberColumn('Cost', valuesOf(row, 'cost_usd'), USD),
    textColumn('Cost source', valuesOf(row, 'cost_source')),
    ...agentColumns(row, datasourceUid),
    textColumn('User', valuesOf(row, 'user_id')),
    textColumn('Flow', valuesOf(row, 'flow_id')),
    textColumn('Session', valuesOf(row, 'session_id')),
    textColumn('Provider', valuesOf(row, 'provider')),
    textColumn('Model', valuesOf(row, 'model_name')),
    textColumn('Tags', [execution.tags.join(', ') || null]),
    textColumn('Preview', valuesOf(row, 'query_preview')),
    textColumn('Error', valuesOf(row, 'error_type')),
    textColumn('Message', valuesOf(row, 'error_message')),
  ]);
}

function stepFrames(refId: string, { steps }: ExecutionDetail): DataFrame[] {
  return tableOf(refId, [
    numberColumn('#', valuesOf(steps, 'step_number'), COUNT),
    timeColumn('Started', valuesOf(steps, 'timestamp')),
    textColumn('Type', valuesOf(steps, 'step_type')),
    textColumn('Tool', valuesOf(steps, 'tool_name')),
    textColumn('Status', valuesOf(steps, 'status')),
    numberColumn('Duration', valuesOf(steps, 'duration_ms'), MILLISECONDS),
    numberColumn('Tokens in', valuesOf(steps, 'input_tokens'), COUNT),
    numberColumn('Tokens out', valuesOf(steps, 'output_tokens'), COUNT),
    textColumn('Content', valuesOf(steps, 'content')),
  ]);
}

function usageFrames(refId: string, { token_usages: usages }: ExecutionDetail): DataFrame[] {
  return tableOf(refId, [
    textColumn('Component', valuesOf(usages, 'component')),
    textColumn('Provider', valuesOf(usages, 'provider')),
    textColumn('Model', valuesOf(usages, 'model')),
    numberColumn('Step', valuesOf(usages, 'step_number'), COUNT),
    numberColumn('Tokens in', valuesOf(usages, 'input_tokens'), COUNT),
    numberColumn('Cached', valuesOf(usages, 'cached_input_tokens'), COUNT),
    numberColumn('Tokens out', valuesOf(usages, 'output_tokens'), COUNT),
    numberColumn('Reasoning', valuesOf(usages, 'reasoning_tokens'), COUNT),
    numberColumn('Cost', valuesOf(usages, 'cost_usd'), USD),
    textColumn('Cost source', valuesOf(usages, 'cost_source')),
  ]);
}

function agentColumns(items: Execution[], datasourceUid: string) {
  return [
    textColumn('Agent', items.map(agentOf), { links: agentLinks(datasourceUid, AGENT_ID_OF_ROW) }),
    // The link takes the id from it.
    textColumn('Agent ID', valuesOf(items, 'agent_id')),
  ];
}
