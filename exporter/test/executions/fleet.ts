/** Executions of a small fleet, and how the tests send them. */
import { type Json, type TestApp } from '../support/app.js';
import { execution, step, type TestExecution, usage } from '../support/executions.js';

/** All of them must be taken. */
export async function sendAndRollup(
  t: TestApp,
  tenant: string,
  executions: readonly TestExecution[],
): Promise<void> {
  for (let first = 0; first < executions.length; first += 1_000) {
    const part = executions.slice(first, first + 1_000);
    const response = await t.post('/api/v1/executions', { executions: part }, { tenant });
    expect([response.statusCode, response.json<Json>().accepted]).toEqual([200, part.length]);
  }
  await t.rollup();
}

/** Now is 2026-03-18T12:00Z. */
export const FLEET: readonly TestExecution[] = [
  execution(1, '2026-03-18T09:00:00Z', {
    agent_id: 'a',
    agent_name: 'Alpha',
    user_id: 'u-1',
    session_id: 's-1',
    flow_id: 'f-1',
    provider: 'openai',
    model_name: 'gpt-4o',
    execution_time_ms: 1000,
    query_preview: 'Refund order 17',
    steps: [
      step(1, 'thought', { content: 'look it up' }),
      step(2, 'tool_call', {
        tool_name: 'search',
        status: 'success',
        duration_ms: 120,
        timestamp: '2026-03-18T09:00:01Z',
      }),
    ],
    token_usages: [
      usage('gpt-4o', 1_000_000, 100_000),
      usage('gpt-4o', 0, 50_000, { component: 'sub_agent', step_number: 2 }),
    ],
  }),
  execution(2, '2026-03-18T08:00:00Z', {
    agent_id: 'a',
    user_id: 'u-2',
    provider: 'openai',
    model_name: 'gpt-4o',
    status: 'failure',
    error_type: 'RateLimit',
    execution_time_ms: 3000,
    input_tokens: 400_000,
    output_tokens: 0,
  }),
  execution(3, '2026-03-16T08:00:00Z', {
    agent_id: 'b',
    provider: 'acme',
    model_name: 'acme-1',
    status: 'timeout',
    execution_time_ms: 9000,
    input_tokens: 7,
    output_tokens: 3,
  }),
  execution(4, '2026-03-18T11:00:00Z', { agent_id: 'b', status: 'running' }),
  execution(5, '2026-03-10T08:00:00Z', {
    agent_id: 'c',
    provider: 'openai',
    model_name: 'gpt-4o',
    cost_usd: 2,
    execution_time_ms: 10,
  }),
];
