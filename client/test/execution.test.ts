import { BudgetExceededError } from '../src/index.js';
import { Clients } from './support/client.js';
import { Service } from './support/service.js';

const clients = new Clients();
let service: Service;

beforeEach(async () => {
  service = await Service.start();
});
afterEach(async () => {
  await clients.close();
  await service.stop();
});

const open = () => clients.open({ url: service.url, flushIntervalMs: 1e6 });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('startExecution', () => {
  it('names the execution that called it', async () => {
    const client = open();
    const outer = client.startExecution({ agent_id: 'boss' });
    client.startExecution({ agent_id: 'helper', parent_execution_id: outer.id }).finish();
    outer.finish();
    await client.flush();
    expect(service.items('executions')).toMatchObject([
      { agent_id: 'helper', parent_execution_id: outer.id },
      { id: outer.id, agent_id: 'boss' },
    ]);
  });

  it('sends nothing until the execution has finished, then sends it once with its parts', async () => {
    const client = open();
    const execution = client.startExecution({ agent_id: 'a', provider: 'openai', tags: ['t'] });
    execution.step({ step_type: 'thought', content: 'hm', duration_ms: 3 });
    const call = execution.step({ step_type: 'tool_call', tool_name: 'search' });
    await pause(20);
    call.end({ content: 'found', status: 'failure' });
    execution.step({ step_type: 'observation', step_number: 7 });
    execution.step({ step_type: 'final_answer' }).end();
    execution.usage({ model: 'gpt-4o', input_tokens: 10, output_tokens: 2 });
    execution.usage({ component: 'sub_agent', model: 'gpt-4o', input_tokens: 1 });
    await client.flush();
    expect(service.received).toEqual([]);

    execution.finish({ query_preview: 'why' });
    await client.flush();
    expect(service.received).toHaveLength(1);
    const [sent] = service.items('executions') as [Record<string, unknown>];
    expect(sent).toMatchObject({
      ...{
        id: execution.id,
        agent_id: 'a',
        provider: 'openai',
        tags: ['t'],
        status: 'success',
        query_preview: 'why',
      },
      steps: [
        { step_number: 1, step_type: 'thought', content: 'hm', duration_ms: 3 },
        { step_number: 2, step_type: 'tool_call', tool_name: 'search', content: 'found', status: 'failure' },
        { step_number: 7, step_type: 'observation' },
        { step_number: 8, step_type: 'final_answer', status: 'success' },
      ],
      token_usages: [
        { component: 'main_agent', model: 'gpt-4o', input_tokens: 10, output_tokens: 2 },
        { component: 'sub_agent', model: 'gpt-4o', input_tokens: 1 },
      ],
    });
    const steps = sent.steps as { duration_ms?: number; timestamp: string }[];
    expect(steps[1]!.duration_ms).toBeGreaterThanOrEqual(15);
    expect(steps[2]!.duration_ms).toBeUndefined();
    expect(steps.every(({ timestamp }) => timestamp >= (sent.started_at as string))).toBe(true);
    expect(sent.execution_time_ms).toBeGreaterThanOrEqual(15);
    const between = Date.parse(String(sent.completed_at)) - Date.parse(String(sent.started_at));
    expect(Math.abs(between - Number(sent.execution_time_ms))).toBeLessThanOrEqual(1);
  });

  it('announces a running execution on request, under the same id', async () => {
    const client = open();
    const execution = client.startExecution({ agent_id: 'a' }, { announce: true });
    await client.flush();
    execution.finish();
    await client.flush();
    const [announced, finished] = service.items('executions');
    expect(announced).toMatchObject({ id: execution.id, status: 'running', agent_id: 'a' });
    expect(finished).toMatchObject({
      id: execution.id,
      status: 'success',
      started_at: announced!.started_at,
    });
  });

  it('computes the duration from a given start time', async () => {
    const client = open();
    client.startExecution({ started_at: new Date(Date.now() - 60_000).toISOString() }).finish();
    await client.flush();
    const [sent] = service.items('executions');
    expect(sent!.execution_time_ms).toBeGreaterThanOrEqual(60_000);
    expect(sent!.execution_time_ms).toBeLessThan(62_000);
  });

  it('only counts the first end, and sends later steps and usages separately', async () => {
    const client = open();
    const execution = client.startExecution({ agent_id: 'a' });
    const open_ = execution.step({ step_type: 'tool_call' });
    execution.finish({ status: 'timeout' });
    execution.finish();
    execution.fail(new Error('late'));
    open_.end({ content: 'late' });
    execution.step({ step_type: 'thought' });
    execution.usage({ model: 'm', input_tokens: 1 });
    await client.flush();
    expect(service.items('executions')).toMatchObject([{ status: 'timeout' }]);
    expect(service.items('steps')).toMatchObject([
      { step_number: 1, content: 'late', duration_ms: expect.any(Number) },
      { step_number: 2 },
    ]);
    expect(service.items('token_usages')).toMatchObject([{ id: expect.any(String), model: 'm' }]);
  });
});

describe('run', () => {
  it('records a success and returns the result', async () => {
    const client = open();
    const result = await client.run({ agent_id: 'a' }, async (execution) => {
      await pause(5);
      execution.usage({ model: 'm', output_tokens: 1 });
      return 42;
    });
    expect(result).toBe(42);
    await client.flush();
    expect(service.items('executions')).toMatchObject([
      { agent_id: 'a', status: 'success', token_usages: [{}] },
    ]);
  });

  const timeout = (): Error => Object.assign(new Error('too slow'), { name: 'TimeoutError' });
  it.each<[string, unknown, object]>([
    [
      'an error',
      new TypeError('no such tool'),
      { status: 'failure', error_type: 'TypeError', error_message: 'no such tool' },
    ],
    ['a TimeoutError', timeout(), { status: 'timeout', error_type: 'TimeoutError' }],
    [
      'a BudgetExceededError',
      new BudgetExceededError('full'),
      { status: 'blocked', error_type: 'BudgetExceededError' },
    ],
    ['a string', 'no', { status: 'failure', error_type: 'Error', error_message: 'no' }],
    ['undefined', undefined, { status: 'failure', error_type: 'Error', error_message: 'undefined' }],
    [
      'a message that the service would reject',
      new Error(`a\0${'b'.repeat(20_000)}`),
      { error_message: `a\ufffd${'b'.repeat(16_382)}` },
    ],
  ])('records %s, and rethrows it', async (_name, thrown, expected) => {
    const client = open();
    const failing = client.run({}, () => {
      throw thrown;
    });
    expect(
      await failing.then(
        () => 'no error',
        (error: unknown) => error,
      ),
    ).toBe(thrown);
    await client.flush();
    expect(service.items('executions')).toMatchObject([expected]);
  });

  it('does not change an end that the callback has set', async () => {
    const client = open();
    await client.run({}, (execution) => execution.finish({ status: 'blocked', error_type: 'guardrail' }));
    await client.flush();
    expect(service.items('executions')).toMatchObject([{ status: 'blocked', error_type: 'guardrail' }]);
  });
});
