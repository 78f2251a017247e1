/** Executions in: what is kept, what counts as the same again, what is refused, and what becomes of it in the aggregates. */
import { type Json, outcomeOf, refusalOf, rowsOf, testApp, type TestApp } from '../support/app.js';
import { execution, step, type TestExecution, usage, uuid } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:10:00Z';

interface Answer {
  accepted: number;
  duplicates: number;
  rejected: { index: number; code: string; message: string }[];
}

async function send(tenant: string, ...executions: TestExecution[]): Promise<Answer> {
  return outcomeOf<Answer>(await t.post('/api/v1/executions', { executions }, { tenant }));
}

async function stored(tenant: string, n = 1): Promise<Json> {
  const { rows } = await t.pool.query<Json>('SELECT * FROM executions WHERE tenant_id = $1 AND id = $2', [
    tenant,
    uuid(n),
  ]);
  return rows[0]!;
}

const ask = async (tenant: string, query: object): Promise<Json[]> => {
  const range = { from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' };
  const { A } = await t.query(tenant, { range, queries: [{ refId: 'A', ...query }] });
  if (A!.error !== undefined) throw new Error(A!.error.message);
  return rowsOf(A!);
};

describe('an execution', () => {
  it('sent again unchanged is a duplicate, changed it replaces', async () => {
    const tenant = t.tenant();
    const first = execution(1, AT, {
      agent_id: 'a',
      input_tokens: 10,
      output_tokens: 2,
      steps: [step(1, 'thought')],
    });
    expect(await send(tenant, first)).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
    expect(await send(tenant, first, first)).toEqual({ accepted: 0, duplicates: 2, rejected: [] });
    expect(await send(tenant, { ...first, output_tokens: 3 })).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await stored(tenant)).toMatchObject({ output_tokens: 3, total_tokens: 13, steps: 1 });
  });

  it('keeps the arrays that are left out, and loses those that are sent empty', async () => {
    const tenant = t.tenant();
    const full = execution(1, AT, {
      steps: [step(1, 'thought')],
      token_usages: [usage('gpt-4o', 1000, 100)],
      tags: ['production'],
    });
    await send(tenant, full);
    await send(tenant, execution(1, AT, { status: 'failure' }));
    expect(await stored(tenant)).toMatchObject({
      status: 'failure',
      steps: 1,
      input_tokens: 1000,
      cost_usd: '0.0035',
      tags: ['production'],
    });
    expect(await send(tenant, execution(1, AT, { status: 'failure', tags: null }))).toMatchObject({
      duplicates: 1,
    });
    await send(tenant, execution(1, AT, { steps: [], token_usages: [], tags: [] }));
    expect(await stored(tenant)).toMatchObject({
      steps: 0,
      input_tokens: 0,
      cost_source: 'unpriced',
      tags: [],
    });
  });

  it('that has finished is not set running again', async () => {
    const tenant = t.tenant();
    await send(tenant, execution(1, AT, { status: 'running' }));
    expect(await send(tenant, execution(1, AT, { status: 'success', execution_time_ms: 5 }))).toMatchObject({
      accepted: 1,
    });
    expect(await send(tenant, execution(1, AT, { status: 'running' }))).toMatchObject({
      accepted: 0,
      duplicates: 1,
    });
    expect(await stored(tenant)).toMatchObject({ status: 'success', execution_time_ms: 5 });
  });

  it('of another tenant is another one, whatever its id', async () => {
    const [one, two] = [t.tenant(), t.tenant()];
    await send(one, execution(1, AT, { session_id: 's-1' }));
    expect(await send(two, execution(1, AT, { session_id: 's-2' }))).toMatchObject({ accepted: 1 });
    expect([(await stored(one)).session_id, (await stored(two)).session_id]).toEqual(['s-1', 's-2']);
    const steps = { steps: [step(1, 'thought')] };
    const other = t.tenant();
    for (const id of [uuid(1), 'none']) {
      const answer = await t.post(`/api/v1/executions/${id}/steps`, steps, { tenant: other });
      expect(refusalOf(answer)).toEqual([404, 'EXECUTION_NOT_FOUND']);
    }
  });

  it('takes steps and token usages afterwards, each once', async () => {
    const tenant = t.tenant();
    await send(tenant, execution(1, AT));
    const path = `/api/v1/executions/${uuid(1)}`;
    const post = async (what: string, body: object): Promise<Answer> =>
      outcomeOf<Answer>(await t.post(`${path}/${what}`, body, { tenant }));
    const steps = [step(1, 'thought'), step(2, 'tool_call', { tool_name: 'search', status: 'success' })];
    expect(await post('steps', { steps })).toEqual({ accepted: 2, duplicates: 0, rejected: [] });
    expect(await post('steps', { steps: [...steps, step(3, 'final_answer')] })).toMatchObject({
      accepted: 1,
      duplicates: 2,
    });
    const token_usages = Array.from({ length: 5 }, () => usage('gpt-4o', 100, 10));
    expect(await post('token-usages', { token_usages })).toMatchObject({ accepted: 5 });
    expect(await post('token-usages', { token_usages })).toMatchObject({ accepted: 0, duplicates: 5 });
    expect(await stored(tenant)).toMatchObject({ steps: 3, input_tokens: 500, cost_usd: '0.00175' });
  });

  it('is refused by name where it is wrong, and the rest is kept', async () => {
    const tenant = t.tenant();
    const answer = await send(
      tenant,
      execution(1, AT, { input_tokens: 10, cached_input_tokens: 11 }),
      execution(2, AT, { unknown: 1 }),
      execution(3, AT, { input_tokens: -1 }),
      { ...execution(4, AT), id: 'no-uuid' },
      execution(5, AT, { status: 'done' }),
      execution(6, '2020-01-01T00:00:00Z'),
      execution(7, '2026-03-18T12:06:00Z'),
      execution(8, AT, { input_tokens: 1, output_tokens: 1, total_tokens: 3 }),
      execution(9, AT, { steps: [step(1, 'thought'), step(1, 'thought')] }),
      execution(10, AT, { query_preview: 'a\u0000b' }),
      execution(11, AT),
    );
    expect(answer).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(answer.rejected.map(({ index, code, message }) => [index, code, message])).toEqual([
      [0, 'VALIDATION_ERROR', expect.stringContaining('cached_input_tokens')],
      [1, 'VALIDATION_ERROR', expect.stringContaining('unknown field "unknown"')],
      [2, 'VALIDATION_ERROR', expect.stringContaining('input_tokens must be >= 0')],
      [3, 'VALIDATION_ERROR', expect.stringContaining('id must be a UUID')],
      [4, 'VALIDATION_ERROR', expect.stringContaining('running, success, failure, timeout, blocked')],
      [5, 'EXECUTION_TOO_OLD', expect.stringContaining('started_at')],
      [6, 'EXECUTION_IN_FUTURE', expect.stringContaining('started_at')],
      [7, 'VALIDATION_ERROR', expect.stringContaining('total_tokens')],
      [8, 'VALIDATION_ERROR', expect.stringContaining('step_number 1 stands twice')],
      [9, 'VALIDATION_ERROR', expect.stringContaining('U+0000')],
    ]);
  });

  it('is cut where it is too long, and the cut is marked', async () => {
    const tenant = t.tenant();
    const content = 'ä'.repeat(20_000);
    await send(
      tenant,
      execution(1, AT, { query_preview: 'x'.repeat(101), steps: [step(1, 'thought', { content })] }),
    );
    const { rows } = await t.pool.query<{ content: string }>(
      'SELECT content FROM execution_steps WHERE tenant_id = $1',
      [tenant],
    );
    expect((await stored(tenant)).query_preview).toBe(`${'x'.repeat(99)}…`);
    expect(rows[0]!.content).toMatch(/^ä+…$/);
    expect(Buffer.byteLength(rows[0]!.content)).toBeLessThanOrEqual(16 * 1024);
  });
});

describe('the cost', () => {
  it.each([
    [
      'as reported, whatever the price',
      { provider: 'openai', model_name: 'gpt-4o', input_tokens: 1e6, cost_usd: 7 },
      '7',
      'reported',
    ],
    [
      'of its own tokens',
      { provider: 'openai', model_name: 'gpt-4o', input_tokens: 1200, output_tokens: 300 },
      '0.006',
      'computed',
    ],
    [
      'with cached tokens at their own price',
      {
        provider: 'openai',
        model_name: 'gpt-4o',
        input_tokens: 1200,
        cached_input_tokens: 200,
        output_tokens: 300,
      },
      '0.00575',
      'computed',
    ],
    [
      'of the usages, not of its own tokens',
      { model_name: 'gpt-4', input_tokens: 9999, token_usages: [usage('gpt-4o', 1000, 0)] },
      '0.0025',
      'computed',
    ],
    [
      'null for an unknown model',
      { provider: 'acme', model_name: 'acme-1', input_tokens: 5 },
      null,
      'unpriced',
    ],
    [
      'null where one usage is unpriced',
      { token_usages: [usage('gpt-4o', 1, 1), usage('acme-1', 1, 1)] },
      null,
      'unpriced',
    ],
    ['zero for no tokens', { model_name: 'acme-1', input_tokens: 0, output_tokens: 0 }, '0', 'computed'],
    ['zero for a failure without tokens', { model_name: 'acme-1', status: 'failure' }, '0', 'computed'],
    ['zero for a timeout without tokens', { model_name: 'gpt-4o', status: 'timeout' }, '0', 'computed'],
    ['zero for what was blocked', { model_name: 'gpt-4o', status: 'blocked' }, '0', 'computed'],
    ['null for a success without tokens', { model_name: 'gpt-4o' }, null, 'unpriced'],
    ['null while it runs', { model_name: 'gpt-4o', status: 'running' }, null, 'unpriced'],
    [
      'reported where the other usages have used nothing',
      { token_usages: [usage('gpt-4o', 10, 1, { cost_usd: 0.5 }), usage('gpt-4o', 0, 0)] },
      '0.5',
      'reported',
    ],
  ])('%s', async (_title, fields, cost_usd, cost_source) => {
    const tenant = t.tenant();
    await send(tenant, execution(1, AT, fields));
    expect(await stored(tenant)).toMatchObject({ cost_usd, cost_source });
  });
});

describe('the aggregates', () => {
  it('count executions by what they are kept by, and follow a change', async () => {
    const tenant = t.tenant();
    await send(
      tenant,
      execution(1, AT, {
        agent_id: 'a',
        user_id: 'u',
        flow_id: 'f',
        model_name: 'gpt-4o',
        execution_time_ms: 1000,
        steps: [
          step(1, 'tool_call', { tool_name: 'search', status: 'success', duration_ms: 10 }),
          step(2, 'tool_call', { tool_name: 'search', status: 'failure', duration_ms: 30 }),
        ],
        token_usages: [
          usage('gpt-4o', 1_000_000, 0),
          usage('gpt-4o', 0, 100_000, { component: 'sub_agent' }),
        ],
      }),
      execution(2, '2026-03-18T10:00:00Z', {
        agent_id: 'b',
        status: 'failure',
        error_type: 'Oops',
        execution_time_ms: 2000,
      }),
      execution(3, '2026-03-18T11:00:00Z', { agent_id: 'b', status: 'running' }),
    );
    await t.rollup();
    expect(await ask(tenant, { metric: 'executions', groupBy: ['agent'] })).toEqual([
      { agent: 'b', agentName: null, value: 2 },
      { agent: 'a', agentName: null, value: 1 },
    ]);
    expect(await ask(tenant, { metric: 'execution_success_rate' })).toEqual([{ value: 50 }]);
    expect(await ask(tenant, { metric: 'execution_duration_avg_ms' })).toEqual([{ value: 1500 }]);
    expect(await ask(tenant, { metric: 'cost_usd', groupBy: ['component'] })).toEqual([
      { component: 'main_agent', value: 2.5 },
      { component: 'sub_agent', value: 1 },
      { component: null, value: null },
    ]);
    expect(await ask(tenant, { metric: 'cost_usd' })).toEqual([{ value: 3.5 }]);
    expect(await ask(tenant, { metric: 'unpriced_executions' })).toEqual([{ value: 1 }]);
    const range = { from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' };
    const cost = { refId: 'A', metric: 'cost_usd', groupBy: ['agent'], interval: 'hour' };
    expect((await t.query(tenant, { range, queries: [cost] })).A!.notices).toEqual([
      '1 execution without a known price is left out.',
    ]);
    const byComponent = { ...cost, groupBy: ['component'] };
    expect((await t.query(tenant, { range, queries: [byComponent] })).A!.notices).toEqual([
      '1 executions or token usages without a known price are left out.',
    ]);
    expect(await ask(tenant, { metric: 'tool_calls', groupBy: ['tool'] })).toEqual([
      { tool: 'search', value: 2 },
    ]);
    expect(await ask(tenant, { metric: 'tool_success_rate' })).toEqual([{ value: 50 }]);
    expect(await ask(tenant, { metric: 'tool_duration_avg_ms' })).toEqual([{ value: 20 }]);
    expect(await ask(tenant, { metric: 'executions', groupBy: ['errorType'] })).toEqual([
      { errorType: 'Oops', value: 1 },
    ]);
    expect(await ask(tenant, { metric: 'total_tokens', groupBy: ['user'] })).toEqual([
      { user: 'u', value: 1_100_000 },
      { user: null, value: 0 },
    ]);
    expect(
      await ask(tenant, {
        metric: 'executions',
        groupBy: ['flow'],
        filters: [{ dimension: 'flow', operator: 'in', values: ['f'] }],
      }),
    ).toEqual([{ flow: 'f', value: 1 }]);

    await send(tenant, execution(1, '2026-03-17T09:00:00Z', { agent_id: 'a' }));
    await t.rollup();
    expect(await ask(tenant, { metric: 'executions', groupBy: ['agent'] })).toEqual([
      { agent: 'b', agentName: null, value: 2 },
    ]);
    expect(await ask(tenant, { metric: 'cost_usd' })).toEqual([{ value: null }]);
    expect(await ask(t.tenant(), { metric: 'cost_usd' })).toEqual([{ value: 0 }]);
  });
});
