/** What reports show, as data over the metrics of the catalog. */
import type { Dashboard } from '../grafana-links.js';
import type { Filter } from '../query/plan.js';
import { AppError } from '../errors.js';

/** A metric, and how it is counted in a report. */
export interface Shown {
  metric: string;
  /** Default: that of the catalog. */
  title?: string;
  /** Shown where the first one is not kept by the report's filters. */
  otherwise?: string;
  /** In addition to those of the report. */
  filters?: readonly Filter[];
}

export interface TableSpec {
  title: string;
  /** A dimension. */
  groupBy: string;
  /** The first one decides the order. */
  metrics: readonly Shown[];
  rows?: number;
}

/** A metric that adds up, by whose groups the largest changes are found. */
export interface ChangesSpec extends Shown {
  groupBy: string;
}

interface TemplateBody {
  title: string;
  description: string;
  figures: readonly Shown[];
  /** By day. */
  charts: readonly Shown[];
  tables: readonly TableSpec[];
  changes: readonly ChangesSpec[];
  /** Sections of what stands out besides the changes. */
  errors?: true;
  budgets?: true;
  recommendations?: true;
  /** Of the dashboard that shows more of it. */
  dashboard: Dashboard;
}

export interface Template extends TemplateBody {
  name: TemplateName;
}

// Counts, rates and durations are of the top level, as in GET /summary; lists by agent have all runs of an agent.
const top: readonly Filter[] = [{ dimension: 'level', operator: 'in', values: ['top'] }];
const unsuccessful: readonly Filter[] = [
  { dimension: 'executionStatus', operator: 'in', values: ['failure', 'timeout', 'blocked'] },
];

const executions: Shown = { metric: 'executions', filters: top };
const successRate: Shown = { metric: 'execution_success_rate', filters: top };
const p95: Shown = { metric: 'execution_duration_p95_ms', filters: top };
const failed: Shown = {
  metric: 'executions',
  title: 'Failed executions',
  filters: [...top, ...unsuccessful],
};
export const failedRuns: Shown = {
  metric: 'executions',
  title: 'Failed executions',
  filters: unsuccessful,
};
/** By environment, only the cost of models is kept. */
const cost: Shown = { metric: 'total_cost_usd', otherwise: 'cost_usd' };
const of = (...metrics: readonly string[]): Shown[] => metrics.map((metric) => ({ metric }));

const DECLARED = [
  {
    name: 'executive_summary',
    title: 'Executive summary',
    description: 'What agents did, what it cost, and what changed.',
    figures: [executions, successRate, cost, ...of('total_tokens'), p95, ...of('execution_agents')],
    charts: [cost, executions],
    tables: [
      {
        title: 'Agents',
        groupBy: 'agent',
        metrics: [cost, ...of('executions', 'execution_success_rate', 'total_tokens')],
      },
      { title: 'Models', groupBy: 'model', metrics: of('cost_usd', 'total_tokens') },
    ],
    changes: [
      { ...cost, groupBy: 'agent' },
      { metric: 'executions', groupBy: 'agent' },
    ],
    errors: true,
    budgets: true,
    recommendations: true,
    dashboard: 'executions',
  },
  {
    name: 'performance_report',
    title: 'Performance report',
    description: 'How often executions succeed, and how long they and their tools take.',
    figures: [
      executions,
      successRate,
      { metric: 'execution_duration_avg_ms', filters: top },
      { metric: 'execution_duration_p50_ms', filters: top },
      p95,
      { metric: 'execution_duration_p99_ms', filters: top },
    ],
    charts: [p95, executions],
    tables: [
      {
        title: 'Agents',
        groupBy: 'agent',
        metrics: of(
          'executions',
          'execution_success_rate',
          'execution_duration_p50_ms',
          'execution_duration_p95_ms',
        ),
      },
      {
        title: 'Models',
        groupBy: 'model',
        metrics: of('executions', 'execution_success_rate', 'execution_duration_p95_ms'),
      },
      {
        title: 'Tools',
        groupBy: 'tool',
        metrics: of('tool_calls', 'tool_success_rate', 'tool_duration_p95_ms'),
      },
    ],
    changes: [
      { metric: 'executions', groupBy: 'agent' },
      { metric: 'tool_calls', groupBy: 'tool' },
    ],
    errors: true,
    dashboard: 'executions',
  },
  {
    name: 'cost_report',
    title: 'Cost report',
    description: 'What was spent on which agents, models and tools, and how to spend less.',
    figures: [
      cost,
      ...of('model_cost_usd', 'tool_cost_usd', 'execution_cost_avg_usd', 'total_tokens', 'cache_hit_rate'),
      { metric: 'unpriced_executions' },
    ],
    charts: [cost, { metric: 'total_tokens' }],
    tables: [
      {
        title: 'Agents',
        groupBy: 'agent',
        metrics: [cost, ...of('executions', 'total_tokens')],
      },
      { title: 'Models', groupBy: 'model', metrics: of('cost_usd', 'total_tokens', 'cache_hit_rate') },
      { title: 'Tools', groupBy: 'tool', metrics: of('tool_cost_usd', 'tool_calls') },
      { title: 'Users', groupBy: 'user', metrics: of('cost_usd', 'executions') },
    ],
    changes: [
      { ...cost, groupBy: 'agent' },
      { metric: 'cost_usd', groupBy: 'model' },
    ],
    budgets: true,
    recommendations: true,
    dashboard: 'cost',
  },
  {
    name: 'error_report',
    title: 'Error report',
    description: 'What failed: executions, tools, API calls and tokens.',
    figures: [
      failed,
      { metric: 'execution_error_rate', filters: top },
      ...of('api_errors', 'api_error_rate', 'token_failures', 'tool_success_rate'),
    ],
    charts: [failed, { metric: 'api_errors' }],
    tables: [
      { title: 'Error types', groupBy: 'errorType', metrics: [failedRuns] },
      {
        title: 'Agents',
        groupBy: 'agent',
        metrics: [failedRuns, ...of('execution_error_rate', 'executions')],
      },
      { title: 'Tools', groupBy: 'tool', metrics: of('tool_calls', 'tool_success_rate') },
      { title: 'Endpoints', groupBy: 'endpoint', metrics: of('api_errors', 'api_error_rate', 'api_calls') },
    ],
    changes: [
      { ...failedRuns, groupBy: 'agent' },
      { metric: 'api_errors', groupBy: 'endpoint' },
    ],
    errors: true,
    dashboard: 'executions',
  },
  {
    name: 'usage_report',
    title: 'Usage report',
    description: 'Who used what: agents, users, models and endpoints.',
    figures: [
      executions,
      ...of('api_calls', 'total_tokens', 'token_issuances', 'sessions', 'execution_agents', 'active_users'),
    ],
    charts: [executions, { metric: 'api_calls' }],
    tables: [
      { title: 'Agents', groupBy: 'agent', metrics: of('executions', 'total_tokens', 'steps') },
      { title: 'Users', groupBy: 'user', metrics: of('executions', 'total_tokens') },
      { title: 'Models', groupBy: 'model', metrics: of('total_tokens', 'executions') },
      { title: 'Endpoints', groupBy: 'endpoint', metrics: of('api_calls', 'api_error_rate') },
    ],
    changes: [
      { metric: 'executions', groupBy: 'agent' },
      { metric: 'api_calls', groupBy: 'endpoint' },
    ],
    dashboard: 'agentActivity',
  },
] as const satisfies readonly (TemplateBody & { name: string })[];

export type TemplateName = (typeof DECLARED)[number]['name'];

export const TEMPLATES: readonly Template[] = DECLARED;
export const TEMPLATE_NAMES: readonly TemplateName[] = DECLARED.map(({ name }) => name);

/** @throws AppError VALIDATION_ERROR */
export function findTemplate(name: string): Template {
  const found = TEMPLATES.find((template) => template.name === name);
  if (found === undefined)
    throw new AppError(
      'VALIDATION_ERROR',
      `there is no template "${name}"; there are ${TEMPLATE_NAMES.join(', ')}`,
    );
  return found;
}
