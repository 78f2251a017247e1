/** The client with the real service. */
import { BudgetExceededError } from '../src/index.js';
import { eventually } from './support/client.js';
import type { Json } from './support/exporter.js';
import { withRealService } from './support/real-clients.js';

const real = withRealService();
const { clients, open } = real;

it('stores and prices an execution with steps and usages, also if they are appended', async () => {
  const client = open('whole');
  const id = await client.run(
    { agent_id: 'a', agent_name: 'Agent', user_id: 'u', session_id: 's', tags: ['x'] },
    (execution) => {
      execution.step({ step_type: 'tool_call', tool_name: 'search', duration_ms: 4 });
      execution.step({ step_type: 'final_answer' }).end();
      execution.usage({ provider: 'openai', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 100 });
      return execution.id;
    },
    { announce: true },
  );
  client.addSteps(id, [{ step_number: 3, step_type: 'observation', content: 'late' }]);
  client.addTokenUsages(id, [
    { component: 'sub_agent', model: 'gpt-4o', provider: 'openai', input_tokens: 1_000 },
  ]);
  expect(await client.flush()).toBe(true);
  expect(clients.reported).toEqual([]);
  expect(client.stats()).toMatchObject({ accepted: 4, duplicates: 0 });
  const found = await real.service().ask('whole', `executions/${id}`);
  expect(found).toMatchObject({
    agent_id: 'a',
    status: 'success',
    input_tokens: 2_000,
    output_tokens: 100,
    tags: ['x'],
  });
  expect(found.cost_usd).toBeCloseTo(0.006, 9);
  expect((found.steps as Json[]).map(({ step_number }) => step_number)).toEqual([1, 2, 3]);
  expect((found.token_usages as Json[]).map(({ component }) => component)).toEqual([
    'main_agent',
    'sub_agent',
  ]);
});

it('stores a failed execution', async () => {
  const client = open('failing');
  const thrown = client.run({ agent_id: 'a' }, () => Promise.reject(new RangeError('\0 out of bounds')));
  await expect(thrown).rejects.toThrow('out of bounds');
  await client.flush();
  const { items } = await real.service().ask('failing', 'executions');
  expect(items).toMatchObject([{ status: 'failure', error_type: 'RangeError' }]);
  expect(clients.reported).toEqual([]);
});

it('stores events', async () => {
  const client = open('events');
  client.recordEvent({
    agentId: 'a',
    metricType: 'api_calls',
    endpoint: 'GET /x/:id',
    status: 200,
    durationMs: 5,
  });
  client.recordEvent({ agentId: 'a', metricType: 'token_issuances', count: 3 });
  await client.flush();
  expect(client.stats().accepted).toBe(2);
  await eventually('counted', async () => {
    const { endpoints } = await real.service().ask('events', 'call-patterns');
    const [first] = endpoints as Json[];
    return first?.endpoint === 'GET /x/:id' && first.calls === 1;
  });
});

it('accepts or rejects each item individually', async () => {
  const client = open('judged');
  const good = client.recordExecution({ agent_id: 'a', status: 'success' });
  client.recordExecution({ agent_id: 'a', status: 'success', input_tokens: -1 });
  client.recordExecution({ agent_id: 'a', status: 'success', started_at: '2001-01-01T00:00:00Z' });
  client.addSteps('00000000-0000-4000-8000-000000000000', [{ step_number: 1, step_type: 'thought' }]);
  await client.flush();
  expect(client.stats()).toMatchObject({ accepted: 1, rejected: 3 });
  expect(clients.codes()).toEqual(['VALIDATION_ERROR', 'EXECUTION_TOO_OLD', 'EXECUTION_NOT_FOUND']);
  expect(clients.reported[0]!.items).toMatchObject([{ kind: 'execution', item: { input_tokens: -1 } }]);
  expect(clients.reported[2]!.error.requestId).toEqual(expect.any(String));
  expect((await real.service().ask('judged', `executions/${good}`)).status).toBe('success');
});

it('reports a wrong token as UNAUTHORIZED', async () => {
  const client = clients.open({ url: real.service().url, token: 'wrong' });
  client.recordEvent({ metricType: 'api_calls' });
  await client.flush();
  expect(clients.reported[0]!.error).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
});

it('reserves an amount until the execution arrives, and refuses one that would exceed a hard stop', async () => {
  const client = open('budget');
  const budget = await real.service().ask('budget', 'budgets', {
    ...{ name: 'a team', scope: 'agent', scope_id: 'a', threshold_usd: 1, alert_type: 'hard_stop' },
  });
  const first = await client.reserve({ agent_id: 'a', estimated_cost_usd: 0.6, ttl_seconds: 60 });
  expect(first).toMatchObject({ id: expect.any(String), budgets: [{ id: budget.id, reserved_usd: 0.6 }] });
  const refused = await client
    .reserve({ agent_id: 'a', estimated_cost_usd: 0.5 })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(BudgetExceededError);
  expect((refused as BudgetExceededError).budget).toEqual({
    ...{ budget_id: budget.id, name: 'a team', threshold_usd: 1, current_spend_usd: 0, reserved_usd: 0.6 },
    estimated_cost_usd: 0.5,
  });
  await client.run({ agent_id: 'a', reservation_id: first.id, cost_usd: 0.1 }, () => undefined);
  await client.flush();
  const second = await client.reserve({ agent_id: 'a', estimated_cost_usd: 0.8 });
  expect(second.budgets).toMatchObject([{ current_spend_usd: 0.1, reserved_usd: 0.8 }]);
  await client.release(second.id);
  await expect(client.release(second.id)).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 });
  expect((await real.service().ask('budget', `budgets/${String(budget.id)}`)).reserved_usd).toBe(0);
});

it('loses and duplicates nothing if the service is killed and restarted', async () => {
  const tenant = 'killed';
  const client = clients.open({
    ...{
      url: real.service().url,
      token: () => real.service().token(tenant),
      maxBatch: 20,
      flushIntervalMs: 1,
    },
    ...{ timeoutMs: 2_000, maxRetries: 1_000, retryBaseMs: 20, retryCapMs: 200 },
  });
  const PAUSES = 60;
  const record = async (rounds: number): Promise<void> => {
    for (let i = 0; i < rounds; i += 1) {
      for (let n = 0; n < 5; n += 1) {
        const id = await client.run({ agent_id: `a${n}` }, (execution) => {
          execution.step({ step_type: 'thought' });
          execution.usage({ provider: 'openai', model: 'gpt-4o', input_tokens: 10, output_tokens: 1 });
          return execution.id;
        });
        client.addSteps(id, [{ step_number: 2, step_type: 'final_answer' }]);
        client.addTokenUsages(id, [
          { provider: 'openai', model: 'gpt-4o', input_tokens: 10, output_tokens: 1 },
        ]);
        client.recordEvent({ agentId: `a${n}`, metricType: 'api_calls' });
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await record(PAUSES / 3);
  await eventually('some have arrived', () => client.stats().accepted > 20);
  const recording = record(PAUSES / 3);
  await real.service().kill();
  await recording;
  expect(client.stats().queued).toBeGreaterThan(0);
  await real.service().restart();
  await record(PAUSES / 3);
  expect(await client.flush({ timeoutMs: 240_000 })).toBe(true);

  const executions = PAUSES * 5;
  const { accepted, duplicates, rejected, dropped, retries } = client.stats();
  expect({ all: accepted + duplicates, rejected, dropped }).toEqual({
    all: executions * 4,
    rejected: 0,
    dropped: 0,
  });
  expect(retries).toBeGreaterThan(0);
  expect(clients.reported).toEqual([]);
  expect(await real.service().ask(tenant, 'executions')).toMatchObject({ total: executions });
  const count = (table: string): Promise<number> =>
    real.service().count(`SELECT count(*) AS n FROM ${table} WHERE tenant_id = $1`, tenant);
  expect(
    await Promise.all(['executions', 'execution_steps', 'token_usages', 'usage_events'].map(count)),
  ).toEqual([...[executions, executions * 2, executions * 2, executions]]);
  const tokens = 'SELECT sum(input_tokens + output_tokens) AS n FROM executions WHERE tenant_id = $1';
  expect(await real.service().count(tokens, tenant)).toBe(executions * 22);
}, 120_000);
