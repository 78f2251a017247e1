/** What is counted of executions: the measures that aggregates keep of them, and the metrics made of those. */
import type { MetricOf } from './metric.js';

/** An execution or a tool call that has not ended; with any other status it is finished. */
export const RUNNING = 'running';
export const SUCCESS = 'success';

export type ExecutionMeasure =
  | 'executions'
  | 'executionAgents'
  | 'finished'
  | 'succeeded'
  | 'failed'
  | 'timedOut'
  | 'unsuccessful'
  /** Durations are those of finished executions. */
  | 'executionDurationSum'
  | 'executionDurationCount'
  /** A histogram. */
  | 'executionDurations'
  | 'steps'
  | 'finishedSteps'
  | 'inputTokens'
  | 'outputTokens'
  | 'totalTokens'
  | 'finishedTokens'
  /** Tokens of the executions whose cost is known. */
  | 'pricedTokens'
  /** Null where no cost is known, rounded for the wire. */
  | 'costUsd'
  /** Exact, 0 where no cost is known. */
  | 'knownCost'
  | 'unpriced'
  /** Token usages; an execution without any counts as one. */
  | 'usages'
  | 'unpricedUsages'
  | 'toolCalls'
  /** Tool calls with a known outcome. */
  | 'toolRated'
  | 'toolSuccesses'
  | 'toolDurationSum'
  | 'toolDurationCount';

const percentile = (p: number, title: string): MetricOf<ExecutionMeasure> => ({
  name: `execution_duration_p${p * 100}_ms`,
  title,
  description: `${p * 100} % of finished executions took at most this long, within 1.5 %.`,
  unit: 'ms',
  kind: 'duration',
  formula: { op: 'percentile', of: 'executionDurations', p },
});

export const EXECUTION_METRICS: readonly MetricOf<ExecutionMeasure>[] = [
  {
    name: 'executions',
    title: 'Executions',
    description: 'Runs of agents, by the hour in which they began; by error type only those that had one.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'executions' },
  },
  {
    name: 'execution_agents',
    title: 'Agents that ran something',
    description: 'Agents with at least one execution.',
    unit: 'short',
    kind: 'gauge',
    formula: { op: 'distinct', of: 'executionAgents' },
  },
  {
    name: 'execution_success_rate',
    title: 'Execution success rate',
    description: 'Share of finished executions that succeeded.',
    unit: 'percent',
    kind: 'rate',
    formula: { op: 'percent', part: 'succeeded', of: ['finished'] },
  },
  {
    name: 'execution_error_rate',
    title: 'Execution error rate',
    description: 'Share of finished executions that failed, timed out or were blocked.',
    unit: 'percent',
    kind: 'rate',
    formula: { op: 'percent', part: 'unsuccessful', of: ['finished'] },
  },
  {
    name: 'execution_duration_avg_ms',
    title: 'Average execution time',
    description: 'Mean duration of the finished executions.',
    unit: 'ms',
    kind: 'duration',
    formula: { op: 'mean', sum: 'executionDurationSum', count: 'executionDurationCount' },
  },
  percentile(0.5, 'Median execution time'),
  percentile(0.95, 'P95 execution time'),
  percentile(0.99, 'P99 execution time'),
  {
    name: 'steps',
    title: 'Steps',
    description: 'Reasoning steps and tool calls of executions.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'steps' },
  },
  {
    name: 'input_tokens',
    title: 'Input tokens',
    description: 'Tokens sent to models, those read from and written to a cache included.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'inputTokens' },
  },
  {
    name: 'output_tokens',
    title: 'Output tokens',
    description: 'Tokens made by models, reasoning included.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'outputTokens' },
  },
  {
    name: 'total_tokens',
    title: 'Tokens',
    description: 'Input and output tokens together.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'totalTokens' },
  },
  {
    name: 'cost_usd',
    title: 'Cost',
    description:
      'What executions cost, as reported or computed from prices; those without a known price are left out.',
    unit: 'currencyUSD',
    kind: 'count',
    formula: { op: 'sum', of: 'costUsd' },
  },
  {
    name: 'unpriced_executions',
    title: 'Unpriced executions',
    description: 'Executions whose cost is not known, so that no total holds it.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'unpriced' },
  },
  {
    name: 'tool_calls',
    title: 'Tool calls',
    description: 'Steps in which an agent called a tool.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'toolCalls' },
  },
  {
    name: 'tool_success_rate',
    title: 'Tool success rate',
    description: 'Share of the tool calls with a known outcome that succeeded.',
    unit: 'percent',
    kind: 'rate',
    formula: { op: 'percent', part: 'toolSuccesses', of: ['toolRated'] },
  },
  {
    name: 'tool_duration_avg_ms',
    title: 'Average tool duration',
    description: 'Mean duration of the tool calls that carried one.',
    unit: 'ms',
    kind: 'duration',
    formula: { op: 'mean', sum: 'toolDurationSum', count: 'toolDurationCount' },
  },
];
