/** What is sent to an earlier release before the upgrade, and to a replica of it that still runs beside the new one. */
import { call, issued, refused, rotated } from '../support/events.js';
import { execution, step, usage, uuid } from '../support/executions.js';
import { chat, envelope, wireSpan } from '../support/otlp.js';

export const TENANT = 'acme';
export const TENANTS = [TENANT, 'globex'] as const;
export const NOW = '2026-03-18T12:00:00Z';

const at = (minutesAgo: number): string => new Date(Date.parse(NOW) - minutesAgo * 60_000).toISOString();
/** Ids of events, executions and usages, so that sending them again changes nothing. */
const eventId = (n: number): string => uuid(500_000 + n);

const AGES = [1, 30, 59, 61, 300, 1_439, 1_500, 4_000, 20_000, 50_000];

export const EVENTS_BEFORE = AGES.flatMap((age, i) => [
  call(at(age), {
    id: eventId(10 * i),
    agentId: 'billing',
    agentName: 'Billing bot',
    endpoint: `GET /invoices/${i}`,
    status: [200, 404, 500][i % 3],
    durationMs: 7.5 * (i + 1),
    userId: 'u-1',
    count: 1 + (i % 3),
  }),
  call(at(age), { id: eventId(10 * i + 1), agentId: 'audit', status: 200 }),
  issued(at(age), { id: eventId(10 * i + 2), agentId: 'billing', count: 3 }),
  refused(at(age), { id: eventId(10 * i + 3), agentId: 'audit' }),
  rotated(at(age), { id: eventId(10 * i + 4), agentId: i % 2 === 0 ? 'billing' : 'audit' }),
  call(at(age), { id: eventId(10 * i + 5), agentId: null, endpoint: 'POST /tenant', status: 201 }),
]);

export const PRICE = {
  provider: 'acme',
  model_name: 'acme-1',
  effective_from: '2026-01-01',
  input_usd_per_mtok: 1,
  output_usd_per_mtok: 2,
};

export const BUDGET = { name: 'All', threshold_usd: 50, recipients: ['ops@example.org'] };

/** One of each shape: every field set, none, steps alone, usages alone, running, reported cost, unpriced. */
export const EXECUTIONS_BEFORE = AGES.flatMap((age, i) => [
  execution(10 * i, at(age), {
    request_id: `r-${i}`,
    session_id: `s-${i % 3}`,
    agent_id: 'billing',
    agent_name: 'Billing bot',
    agent_type: 'react',
    flow_id: i % 2 === 0 ? 'refunds' : null,
    user_id: `u-${i % 3}`,
    provider: 'openai',
    model_name: 'gpt-4o',
    status: ['success', 'failure', 'timeout', 'blocked'][i % 4]!,
    completed_at: at(age - 0.5),
    llm_time_ms: 1_500.25,
    input_tokens: 1_200,
    output_tokens: 300,
    cached_input_tokens: 200,
    cache_write_tokens: 10,
    reasoning_tokens: 50,
    query_preview: `Where is invoice ${i}? ${'é'.repeat(120)}`,
    error_type: i % 4 === 0 ? null : 'RateLimit',
    error_message: i % 4 === 0 ? null : 'slow down',
    tags: ['production', `t"${i}\\`],
    steps: [
      step(1, 'thought', { content: 'hm', duration_ms: 12.5, timestamp: at(age) }),
      step(2, 'tool_call', { tool_name: 'search', status: 'success', duration_ms: 40 }),
      step(3, 'final_answer', { input_tokens: 5, output_tokens: 6 }),
    ],
    token_usages: [
      usage('gpt-4o', 900, 200, { cached_input_tokens: 200, step_number: 1 }),
      usage('gpt-4o', 300, 100, { component: 'sub_agent', id: `usage-${i}` }),
    ],
  }),
  execution(10 * i + 1, at(age), { status: 'running' }),
  execution(10 * i + 2, at(age), { agent_id: 'audit', cost_usd: 0.125, execution_time_ms: 250 }),
  execution(10 * i + 3, at(age), {
    agent_id: 'audit',
    provider: 'acme',
    model_name: 'acme-1',
    input_tokens: 1_000,
    output_tokens: 500,
  }),
  execution(10 * i + 4, at(age), {
    status: 'failure',
    error_type: 'Oops',
    provider: 'unknown',
    model_name: 'nobody-knows',
    input_tokens: 10,
    output_tokens: 1,
    steps: [step(0, 'tool_call', { tool_name: 'pay', status: 'failure' })],
  }),
]);

export const TRACE = envelope([
  wireSpan({
    id: 'run',
    from: 0,
    to: 9,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Tracer' },
  }),
  wireSpan({ id: 'chat', parent: 'run', from: 1, to: 4, attributes: chat(100, 20) }),
  wireSpan({
    id: 'tool',
    parent: 'run',
    from: 5,
    to: 6,
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' },
  }),
]);

/** Sent through the replica of the earlier release while the new one runs: new facts, late ones, and replaced ones. */
export const EVENTS_BESIDE = [2, 45, 62, 1_501, 20_001].map((age, i) =>
  call(at(age), {
    id: eventId(900 + i),
    agentId: 'billing',
    endpoint: 'GET /late',
    status: 200,
    durationMs: 3,
  }),
);
export const EXECUTIONS_BESIDE = [
  // Running before, finished now.
  execution(1, at(1), { status: 'success', agent_id: 'billing', cost_usd: 0.5, execution_time_ms: 900 }),
  // Moved to another hour and another agent.
  execution(12, at(200), { agent_id: 'billing', cost_usd: 0.25, execution_time_ms: 300 }),
  // New.
  execution(800, at(3), {
    agent_id: 'audit',
    provider: 'openai',
    model_name: 'gpt-4o',
    token_usages: [usage('gpt-4o', 50, 5)],
    steps: [step(1, 'observation')],
  }),
];

const RANGE = { from: '2026-02-01T00:00:00Z', to: NOW };
const ask = (refId: string, metric: string, groupBy: string[], interval = 'none'): object => ({
  refId,
  metric,
  groupBy,
  interval,
});

/** Questions whose answers must come through the upgrade as they are. */
export const READS = [
  'tokens?days=60',
  'agents/activity',
  'agents',
  'usage-summary',
  'agent-activity',
  'token-trends?granularity=week',
  'credential-rotations',
  'call-patterns',
  'overview?period=30d',
  'executions?page_size=200',
  'executions?session_id=s-1&status=failure',
  `executions/${uuid(0)}`,
  'agents/billing/stats?period=30d',
  'costs/summary?period=30d',
  'costs/forecast',
  'comparison/models?period=30d',
  'budgets',
  ...['executions', 'steps', 'token_usages', 'daily', 'usage'].map(
    (dataset) => `export?dataset=${dataset}&format=csv&start_date=2026-02-01&end_date=2026-03-18`,
  ),
];
export const QUERY = {
  range: RANGE,
  queries: [
    ask('calls', 'api_calls', ['agent', 'endpoint', 'statusCode']),
    ask('p95', 'api_duration_p95_ms', ['endpoint'], 'day'),
    ask('rotation', 'days_since_rotation', ['agent']),
    ask('runs', 'executions', ['agent', 'model', 'executionStatus'], 'day'),
    ask('flows', 'cost_usd', ['flow']),
    ask('users', 'execution_duration_p95_ms', ['user']),
    ask('tools', 'tool_calls', ['tool', 'agent']),
    ask('errors', 'executions', ['errorType', 'model']),
    ask('components', 'total_tokens', ['component', 'model']),
  ],
};
