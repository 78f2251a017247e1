/** An execution as a trace: a span for each of its runs, for each of their steps, and for each of their model calls. */
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
import { withNotices } from '../../frames/notices';
import { timedSteps, type TimedStep } from './spans';
import type { RunTree } from './tree';

/** The status codes of OpenTelemetry. */
const STATUS = { unset: 0, ok: 1, error: 2 } as const;
const ROOT = 'execution';

/** A run in the trace. */
interface TracedRun {
  execution: ExecutionDetail;
  steps: TimedStep[];
  /** Id of the whole trace. */
  traceID: string;
  /** Begins the ids of its spans. Those of the first run have none. */
  prefix: string;
}

/** @param runs the execution that the trace is of, and each run after the one that called it */
export function traceFrames(refId: string, { runs, cutFrom }: RunTree): DataFrame[] {
  const traced = new Map<string, TracedRun>();
  const spans = runs.flatMap((execution, index) => {
    const run: TracedRun = {
      execution,
      steps: timedSteps(execution),
      traceID: runs[0]!.id,
      prefix: index === 0 ? '' : `${execution.id} `,
    };
    const caller = index === 0 ? undefined : traced.get(execution.parent_execution_id ?? '');
    traced.set(execution.id, run);
    return spansOf(run, caller);
  });
  const notices =
    cutFrom === undefined
      ? []
      : [
          {
            severity: 'warning' as const,
            text: `Showing ${runs.length} of ${cutFrom} runs, the maximum of a trace. Open a nested run to see those below it.`,
          },
        ];
  const field = <Key extends keyof TraceSpanRow>(name: Key, type: FieldType) => ({
    name,
    type,
    config: {},
    values: spans.map((span) => span[name]),
  });
  const frames: DataFrame[] = [
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
  return withNotices(frames, notices);
}

function spansOf(run: TracedRun, caller: TracedRun | undefined): TraceSpanRow[] {
  const { execution, steps } = run;
  const root = rootSpan(run, caller);
  const byNumber = new Map(steps.map((timed) => [timed.step.step_number, timed]));
  return [
    root,
    ...steps.map((timed) => stepSpan(timed, run)),
    ...execution.token_usages.map((usage, index) =>
      usageSpan(usage, index, run, byNumber.get(usage.step_number ?? NaN), root),
    ),
  ];
}

/** The span that called a run: the last step around it, such as a tool call, or its caller itself. */
function parentOf(start: number, end: number, caller: TracedRun | undefined): string | undefined {
  if (!caller) {
    return undefined;
  }
  const around = caller.steps.filter((step) => step.start <= start && step.end >= end).at(-1);
  return around ? stepId(caller, around.step.step_number) : rootId(caller);
}

function rootSpan(run: TracedRun, caller: TracedRun | undefined): TraceSpanRow {
  const { execution, steps } = run;
  const { started_at, completed_at, execution_time_ms, status, error_type, error_message } = execution;
  const start = Date.parse(started_at);
  // The known end of a running execution is that of its last step.
  const lasted =
    completed_at === null ? Math.max(start, ...steps.map(({ end }) => end)) : Date.parse(completed_at);
  const duration = execution_time_ms ?? Math.max(0, lasted - start);
  return {
    ...common(run),
    spanID: rootId(run),
    parentSpanID: parentOf(start, start + duration, caller),
    operationName: 'execution',
    serviceName: agentOf(execution),
    startTime: start,
    duration,
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

function stepSpan({ step, start, end, within }: TimedStep, run: TracedRun): TraceSpanRow {
  const { step_number, step_type, tool_name, status, content, input_tokens, output_tokens } = step;
  return {
    ...common(run),
    spanID: stepId(run, step_number),
    parentSpanID: within ? stepId(run, within.step.step_number) : rootId(run),
    operationName: step_type,
    // Grafana colours spans by service, so the service is the one that acted: the agent, a tool or a model.
    serviceName: tool_name ?? agentOf(run.execution),
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
  run: TracedRun,
  timed: TimedStep | undefined,
  root: TraceSpanRow,
): TraceSpanRow {
  const { component, provider, model, cost_usd, cost_source } = usage;
  return {
    ...common(run),
    spanID: `${run.prefix}usage-${index + 1}`,
    parentSpanID: timed ? stepId(run, timed.step.step_number) : root.spanID,
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

function common({ traceID, execution: { tags: labels } }: TracedRun) {
  const serviceTags = labels.length > 0 ? [{ key: 'tags', value: labels.join(', ') }] : [];
  return { traceID, serviceTags, kind: 'internal' };
}

function rootId({ prefix }: TracedRun): string {
  return `${prefix}${ROOT}`;
}

function stepId({ prefix }: TracedRun, number: number): string {
  return `${prefix}step-${number}`;
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
