/** An execution as a trace: a span for itself, for each of its steps, and for each of its model calls. */
import {
  FieldType,
  type DataFrame,
  type TraceKeyValuePair,
  type TraceLog,
  type TraceSpanRow,
} from '@grafana/data';
import type { ExecutionDetail, TokenUsage } from '../../api/types';
import { otherValues } from '../../frames/executions';
import { agentOf } from '../../frames/names';
import { timedSteps, type TimedStep } from './spans';

/** The status codes of OpenTelemetry. */
const STATUS = { unset: 0, ok: 1, error: 2 } as const;
const ROOT = 'execution';

export function traceFrames(refId: string, execution: ExecutionDetail): DataFrame[] {
  const steps = timedSteps(execution);
  const root = rootSpan(execution, steps);
  const byNumber = new Map(steps.map((timed) => [timed.step.step_number, timed]));
  const spans = [
    root,
    ...steps.map((timed) => stepSpan(timed, execution)),
    ...execution.token_usages.map((usage, index) =>
      usageSpan(usage, index, execution, byNumber.get(usage.step_number ?? NaN), root),
    ),
  ];
  const field = <Key extends keyof TraceSpanRow>(name: Key, type: FieldType) => ({
    name,
    type,
    config: {},
    values: spans.map((span) => span[name]),
  });
  return [
    {
      refId,
      meta: { preferredVisualisationType: 'trace' },
      length: spans.length,
      fields: [
        field('traceID', FieldType.string),
        field('spanID', FieldType.string),
        field('parentSpanID', FieldType.string),
        field('operationName', FieldType.string),
        field('serviceName', FieldType.string),
        field('serviceTags', FieldType.other),
        field('startTime', FieldType.number),
        field('duration', FieldType.number),
        field('tags', FieldType.other),
        field('logs', FieldType.other),
        field('kind', FieldType.string),
        field('statusCode', FieldType.number),
        field('statusMessage', FieldType.string),
      ],
    },
  ];
}

function rootSpan(execution: ExecutionDetail, steps: TimedStep[]): TraceSpanRow {
  const { started_at, completed_at, execution_time_ms, status, error_type, error_message } = execution;
  const start = Date.parse(started_at);
  // The known end of a running execution is that of its last step.
  const lasted =
    completed_at === null ? Math.max(start, ...steps.map(({ end }) => end)) : Date.parse(completed_at);
  return {
    ...common(execution),
    spanID: ROOT,
    parentSpanID: undefined,
    operationName: 'execution',
    serviceName: agentOf(execution),
    startTime: start,
    duration: execution_time_ms ?? Math.max(0, lasted - start),
    tags: tags(status, {
      flow: execution.flow_id,
      session: execution.session_id,
      user: execution.user_id,
      provider: execution.provider,
      model: execution.model_name,
      input_tokens: execution.input_tokens,
      output_tokens: execution.output_tokens,
      cost_usd: execution.cost_usd,
      cost_source: execution.cost_source,
      error_type,
      ...otherValues(execution),
    }),
    logs: log(start, 'query_preview', execution.query_preview),
    ...outcome(status, error_message ?? error_type),
  };
}

function stepSpan({ step, start, end, within }: TimedStep, execution: ExecutionDetail): TraceSpanRow {
  const { step_number, step_type, tool_name, status, content, input_tokens, output_tokens } = step;
  return {
    ...common(execution),
    spanID: stepId(step_number),
    parentSpanID: within ? stepId(within.step.step_number) : ROOT,
    operationName: step_type,
    // Grafana colours spans by service, so the service is the one that acted: the agent, a tool or a model.
    serviceName: tool_name ?? agentOf(execution),
    startTime: start,
    duration: end - start,
    tags: tags(status, {
      step_number,
      tool: tool_name,
      input_tokens: input_tokens || null,
      output_tokens: output_tokens || null,
    }),
    logs: log(start, 'content', content),
    ...outcome(status, content),
  };
}

/** The time of a model call is not recorded, so its span is as long as its step or the execution. */
function usageSpan(
  usage: TokenUsage,
  index: number,
  execution: ExecutionDetail,
  timed: TimedStep | undefined,
  root: TraceSpanRow,
): TraceSpanRow {
  const { component, provider, model, cost_usd, cost_source } = usage;
  return {
    ...common(execution),
    spanID: `usage-${index + 1}`,
    parentSpanID: timed ? stepId(timed.step.step_number) : root.spanID,
    operationName: component,
    serviceName: model ?? provider ?? 'model',
    startTime: timed ? timed.start : root.startTime,
    duration: timed ? timed.end - timed.start : root.duration,
    kind: 'client',
    tags: tags(null, {
      provider,
      model,
      input_tokens: usage.input_tokens,
      cached_input_tokens: usage.cached_input_tokens || null,
      output_tokens: usage.output_tokens,
      reasoning_tokens: usage.reasoning_tokens || null,
      cost_usd,
      cost_source,
    }),
    logs: [],
    ...outcome(null, null),
  };
}

function common({ id, tags: labels }: ExecutionDetail) {
  const serviceTags = labels.length > 0 ? [{ key: 'tags', value: labels.join(', ') }] : [];
  return { traceID: id, serviceTags, kind: 'internal' };
}

function stepId(number: number): string {
  return `step-${number}`;
}

/** The known fields of a span as tags. Grafana marks spans with the tag `error`. */
function tags(status: string | null, known: Record<string, string | number | null>): TraceKeyValuePair[] {
  const pairs = Object.entries({ status, ...known }).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value }],
  );
  return isError(status) ? [...pairs, { key: 'error', value: true }] : pairs;
}

function outcome(status: string | null, message: string | null) {
  const failed = isError(status);
  return {
    statusCode: failed ? STATUS.error : status === 'success' ? STATUS.ok : STATUS.unset,
    statusMessage: failed && message !== null ? message : undefined,
  };
}

function isError(status: string | null): boolean {
  return status !== null && status !== 'success' && status !== 'running';
}

function log(timestamp: number, key: string, value: string | null): TraceLog[] {
  return value === null ? [] : [{ timestamp, fields: [{ key, value }] }];
}
