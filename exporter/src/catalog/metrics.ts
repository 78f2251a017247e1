/**
 * Every metric, declared once. The query API, the named endpoints, the plugin's editor and the documentation
 * follow from these entries: to add a metric, add one here (and a rollup where it counts a new fact).
 */
import type { Measure } from './sources.js';

export type MetricKind = 'count' | 'rate' | 'duration' | 'gauge';

/** How a metric's value is made of measures; every form can be computed over any range and grouping. */
export type Formula =
  | { op: 'sum'; of: Measure }
  | { op: 'percent'; part: Measure; of: readonly Measure[] }
  | { op: 'mean'; sum: Measure; count: Measure }
  | { op: 'percentile'; of: 'durations' | 'executionDurations'; p: number }
  | { op: 'distinct'; of: 'agents' | 'tokenAgents' | 'executionAgents' }
  | { op: 'meanInterval'; of: 'rotationTimes' }
  | { op: 'age'; of: 'rotationTimes' }
  | { op: 'latest'; of: 'rotationTimes' };

export interface Metric {
  name: string;
  title: string;
  description: string;
  /** Grafana's id of the unit. */
  unit: string;
  kind: MetricKind;
  formula: Formula;
}

const percentile = (p: number, title: string): Metric => ({
  name: `api_duration_p${p * 100}_ms`,
  title,
  description: `${p * 100} % of API calls were at most this fast, within 1.5 %. Only calls that carried a duration count.`,
  unit: 'ms',
  kind: 'duration',
  formula: { op: 'percentile', of: 'durations', p },
});

const executionPercentile = (p: number, title: string): Metric => ({
  name: `execution_duration_p${p * 100}_ms`,
  title,
  description: `${p * 100} % of finished executions took at most this long, within 1.5 %.`,
  unit: 'ms',
  kind: 'duration',
  formula: { op: 'percentile', of: 'executionDurations', p },
});

export const METRICS: readonly Metric[] = [
  {
    name: 'api_calls',
    title: 'API calls',
    description: 'Calls that agents made.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'calls' },
  },
  {
    name: 'api_errors',
    title: 'API errors',
    description: 'Calls answered with a status of 400 or more.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'errors' },
  },
  {
    name: 'api_error_rate',
    title: 'API error rate',
    description: 'Share of calls answered with a status of 400 or more.',
    unit: 'percent',
    kind: 'rate',
    formula: { op: 'percent', part: 'errors', of: ['calls'] },
  },
  {
    name: 'api_duration_avg_ms',
    title: 'Average API duration',
    description: 'Mean duration of the calls that carried one.',
    unit: 'ms',
    kind: 'duration',
    formula: { op: 'mean', sum: 'durationSum', count: 'durationCount' },
  },
  percentile(0.5, 'Median API duration'),
  percentile(0.95, 'P95 API duration'),
  percentile(0.99, 'P99 API duration'),
  {
    name: 'token_issuances',
    title: 'Token issuances',
    description: 'Tokens issued.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'issuances' },
  },
  {
    name: 'token_failures',
    title: 'Token failures',
    description: 'Token requests that were refused.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'failures' },
  },
  {
    name: 'token_failure_rate',
    title: 'Token failure rate',
    description: 'Share of token requests that were refused.',
    unit: 'percent',
    kind: 'rate',
    formula: { op: 'percent', part: 'failures', of: ['issuances', 'failures'] },
  },
  {
    name: 'credential_rotations',
    title: 'Credential rotations',
    description: 'Credentials rotated.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'rotations' },
  },
  {
    name: 'rotation_interval_avg_days',
    title: 'Average rotation interval',
    description: 'Mean days between the rotations within the range; null below two rotations.',
    unit: 'd',
    kind: 'duration',
    formula: { op: 'meanInterval', of: 'rotationTimes' },
  },
  {
    name: 'days_since_rotation',
    title: 'Days since last rotation',
    description:
      "Days since an agent's last credential rotation, or since it was first seen if it never rotated, at the end of " +
      'each bucket; without grouping the longest of all agents.',
    unit: 'd',
    kind: 'gauge',
    formula: { op: 'age', of: 'rotationTimes' },
  },
  {
    name: 'last_rotation_time',
    title: 'Last credential rotation',
    description:
      "When an agent's credentials were last rotated, at the end of each bucket, in milliseconds since 1970; null for one " +
      'that never rotated. Without grouping the latest of all agents.',
    unit: 'dateTimeAsIso',
    kind: 'gauge',
    formula: { op: 'latest', of: 'rotationTimes' },
  },
  {
    name: 'active_agents',
    title: 'Active agents',
    description: 'Agents with at least one event of any kind.',
    unit: 'short',
    kind: 'gauge',
    formula: { op: 'distinct', of: 'agents' },
  },
  {
    name: 'token_active_agents',
    title: 'Agents using tokens',
    description: 'Agents with at least one token issuance or failure.',
    unit: 'short',
    kind: 'gauge',
    formula: { op: 'distinct', of: 'tokenAgents' },
  },
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
  executionPercentile(0.5, 'Median execution time'),
  executionPercentile(0.95, 'P95 execution time'),
  executionPercentile(0.99, 'P99 execution time'),
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
