/** The columns of executions, for the list and for a single execution. */
import { FieldType } from '@grafana/data';
import type { Execution, ExecutionDetail } from '../api/types';
import {
  AGENT_ID_OF_ROW,
  agentLinks,
  EXECUTION_OF_ROW,
  executionLinks,
  SESSION_OF_ROW,
  sessionLinks,
} from '../links';
import { COUNT, MILLISECONDS, numberColumn, textColumn, timeColumn, USD, type Column } from './columns';
import { agentOf } from './names';

export function listColumns(items: Execution[], datasourceUid: string): Array<Column<Execution>> {
  return [...namedListColumns(datasourceUid), ...otherFields(items).map(otherColumn)];
}

export function summaryColumns(
  execution: ExecutionDetail,
  datasourceUid: string,
): Array<Column<ExecutionDetail>> {
  return [...namedSummaryColumns(datasourceUid), ...otherFields([execution]).map(otherColumn)];
}

/** The values of the fields that this version of the plugin does not know, by field. */
export function otherValues(execution: Execution): Record<string, string> {
  return Object.fromEntries(
    otherFields([execution]).map((field) => [field, String(execution[field as keyof Execution])]),
  );
}

/**
 * Fields with a value that this version of the plugin does not know. They are shown under a name that is derived from the
 * field, so that a new field of the exporter does not require a new plugin.
 */
function otherFields(rows: object[]): string[] {
  const named = rows.flatMap((row) => Object.entries(row)).filter(([, value]) => isScalar(value));
  return [...new Set(named.map(([field]) => field))].filter((field) => !KNOWN_FIELDS.has(field));
}

function namedListColumns(datasourceUid: string): Array<Column<Execution>> {
  return [
    timeColumn('Started', 'started_at'),
    textColumn('Execution', 'id', { config: { links: executionLinks(datasourceUid, EXECUTION_OF_ROW) } }),
    ...agentColumns<Execution>(datasourceUid),
    textColumn('Status', 'status'),
    numberColumn('Duration', 'execution_time_ms', MILLISECONDS),
    numberColumn('Steps', 'step_count', COUNT),
    numberColumn('Tokens', 'total_tokens', COUNT),
    numberColumn('Cost', 'cost_usd', USD),
    textColumn('Cost source', 'cost_source'),
    ...subtreeColumns(),
    textColumn('Model', 'model_name'),
    textColumn('User', 'user_id'),
    textColumn('Error', 'error_type'),
    textColumn('Preview', 'query_preview'),
  ];
}

/** The execution and all runs below it. Earlier releases of the exporter do not know them. */
function subtreeColumns(): Array<Column<Execution>> {
  const sum = (name: keyof Execution['subtree']) => ({
    value: ({ subtree }: Partial<Execution>) => subtree?.[name] ?? null,
  });
  return [
    { ...numberColumn<Execution>('Runs', 'subtree', COUNT), ...sum('executions') },
    { ...numberColumn<Execution>('Tokens of all runs', 'subtree', COUNT), ...sum('total_tokens') },
    { ...numberColumn<Execution>('Cost of all runs', 'subtree', USD), ...sum('cost_usd') },
  ];
}

function namedSummaryColumns(datasourceUid: string): Array<Column<ExecutionDetail>> {
  return [
    timeColumn('Started', 'started_at'),
    textColumn('Execution', 'id'),
    textColumn('Status', 'status'),
    numberColumn('Duration', 'execution_time_ms', MILLISECONDS),
    { ...numberColumn('Steps', 'steps', COUNT), value: ({ steps }) => steps.length },
    numberColumn('Tokens', 'total_tokens', COUNT),
    numberColumn('Tokens in', 'input_tokens', COUNT),
    numberColumn('Tokens out', 'output_tokens', COUNT),
    numberColumn('Cost', 'cost_usd', USD),
    textColumn('Cost source', 'cost_source'),
    ...agentColumns<ExecutionDetail>(datasourceUid),
    textColumn('User', 'user_id'),
    textColumn('Flow', 'flow_id'),
    textColumn('Session', 'session_id', { config: { links: sessionLinks(datasourceUid, SESSION_OF_ROW) } }),
    textColumn('Provider', 'provider'),
    textColumn('Model', 'model_name'),
    textColumn('Tags', 'tags', { value: ({ tags }) => tags.join(', ') || null }),
    textColumn('Preview', 'query_preview'),
    textColumn('Error', 'error_type'),
    textColumn('Message', 'error_message'),
  ];
}

function agentColumns<Row extends Execution>(datasourceUid: string): Array<Column<Row>> {
  return [
    textColumn('Agent', 'agent_name', {
      value: agentOf,
      config: { links: agentLinks(datasourceUid, AGENT_ID_OF_ROW) },
    }),
    // The link reads the id from this column.
    textColumn('Agent ID', 'agent_id'),
  ];
}

const WITHOUT_COLUMN: ReadonlyArray<keyof ExecutionDetail> = [
  'request_id',
  'agent_type',
  'completed_at',
  'llm_time_ms',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'reservation_id',
];

const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...namedListColumns('').map(({ field }) => field),
  ...namedSummaryColumns('').map(({ field }) => field),
  ...WITHOUT_COLUMN,
]);

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function otherColumn<Row extends Execution>(field: string): Column<Row> {
  const value = (row: Row) => {
    const found: unknown = row[field as keyof Row];
    return isScalar(found) ? String(found) : null;
  };
  return {
    name: titleOf(field),
    field: field as keyof Row & string,
    type: FieldType.string,
    config: {},
    value,
  };
}

/** Converts `trace_id` to `Trace ID`. */
function titleOf(field: string): string {
  const words = field.split('_').map((word) => (word === 'id' ? 'ID' : word));
  return words.join(' ').replace(/^./, (first) => first.toUpperCase());
}
