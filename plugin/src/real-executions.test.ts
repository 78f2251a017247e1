/** The frames of executions, budgets and the forecast, from a real exporter with a few executions. */
import type { DataFrame } from '@grafana/data';
import { firstValueFrom } from 'rxjs';
import { field } from './test/answers';
import { CATALOG, WITHOUT_INTERVALS } from './test/catalog';
import { RealExporter } from './test/exporter';
import { EXECUTION_ID } from './test/executions';
import { datasource, query, run } from './test/requests';
import { fakeTemplates } from './test/templates';
import type { AnalyticsQuery } from './query';

const TENANT = 'real';
const HOUR = 3_600_000;
const NOW = Date.now();
/** In the middle of the previous hour, which is always complete. */
const STARTED = Math.floor(NOW / HOUR) * HOUR - HOUR / 2;
const RANGE = { from: at(-2 * HOUR), to: at(2 * HOUR) };

function at(ms: number): string {
  return new Date(STARTED + ms).toISOString();
}

const model = { provider: 'openai', model_name: 'gpt-4o' };
const EXECUTIONS = [
  {
    id: EXECUTION_ID,
    agent_id: 'a1',
    agent_name: 'billing-bot',
    user_id: 'u-7',
    status: 'failure',
    ...model,
    started_at: at(0),
    completed_at: at(2_000),
    error_type: 'ToolError',
    cost_usd: 1.25,
    steps: [
      { step_number: 1, step_type: 'thought', timestamp: at(0), duration_ms: 1_500, content: 'Plan' },
      {
        step_number: 2,
        step_type: 'tool_call',
        tool_name: 'search',
        timestamp: at(500),
        duration_ms: 200,
        status: 'failure',
      },
    ],
    token_usages: [{ component: 'main_agent', ...usageOf(900, 200), step_number: 1 }],
  },
  // More than one page of the list.
  ...Array.from({ length: 205 }, (_, index) => ({
    id: `018f0000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    agent_id: index % 2 === 0 ? 'a2' : 'a3',
    status: 'success',
    provider: 'in-house',
    model_name: 'house-7b',
    started_at: at(-HOUR + index),
    completed_at: at(-HOUR + index + 100),
    input_tokens: 10,
    output_tokens: 1,
  })),
];

function usageOf(input_tokens: number, output_tokens: number) {
  return { provider: model.provider, model: model.model_name, input_tokens, output_tokens };
}

const exporter = new RealExporter({ ROLLUP_INTERVAL_SECONDS: '1' });

beforeAll(async () => {
  await exporter.serve(TENANT);
  fakeTemplates({ execution: { value: EXECUTION_ID } });
  const token = exporter.token(TENANT, 'analytics:write analytics:admin');
  const answer = await exporter.send('POST', '/api/v1/executions', token, { executions: EXECUTIONS });
  expect(answer).toMatchObject({ accepted: EXECUTIONS.length, rejected: [] });
  await exporter.send('POST', '/api/v1/analytics/budgets', token, {
    name: 'Billing',
    scope: 'agent',
    scope_id: 'a1',
    threshold_usd: 1,
  });
  await rolledUp();
}, 120_000);

afterAll(() => exporter.stop(), 60_000);

async function ask(changes: Partial<AnalyticsQuery>): Promise<DataFrame> {
  const { data, errors } = await run(datasource(), [query({ metric: '', ...changes })], RANGE);
  expect(errors).toBeUndefined();
  return data[0] as DataFrame;
}

/** Waits for the aggregates, which follow the facts within a second or two. */
async function rolledUp(): Promise<void> {
  for (;;) {
    const frame = await ask({ metric: 'executions', interval: 'none' });
    if (frame?.fields[0]?.values[0] === EXECUTIONS.length) {
      return;
    }
    await new Promise((waited) => setTimeout(waited, 200));
  }
}

it('the real catalog has the metrics and dimensions of the unit tests', async () => {
  const real = await firstValueFrom(datasource().client.catalog());
  const metrics = CATALOG.metrics.filter(({ name }) => name !== WITHOUT_INTERVALS);
  for (const { description: _, dimensions, ...metric } of metrics) {
    expect(real.metrics).toContainEqual({
      ...metric,
      description: expect.any(String),
      dimensions: expect.arrayContaining(dimensions),
    });
  }
  for (const { name, title } of CATALOG.dimensions) {
    expect(real.dimensions).toContainEqual({ name, title, description: expect.any(String) });
  }
});

describe('a real list of executions', () => {
  it('starts with the latest', async () => {
    const frame = await ask({ queryType: 'executions', limit: 2 });
    expect(field(frame, 'Execution').values[0]).toBe(EXECUTION_ID);
    expect(field(frame, 'Agent').values).toEqual(['billing-bot', 'a2']);
    expect(field(frame, 'Status').values).toEqual(['failure', 'success']);
    expect(field(frame, 'Duration').values).toEqual([2_000, 100]);
    // The first cost was reported, the second one is unknown.
    expect(field(frame, 'Cost').values).toEqual([1.25, null]);
  });

  it('has each execution of all pages once', async () => {
    const ids = field(await ask({ queryType: 'executions', limit: 1_000 }), 'Execution').values;
    expect(ids).toHaveLength(EXECUTIONS.length);
    expect(new Set(ids).size).toBe(EXECUTIONS.length);
  });

  it('is filtered and sorted by the exporter', async () => {
    const frame = await ask({
      queryType: 'executions',
      filters: [{ dimension: 'agent', operator: 'in', values: ['a1', 'a3'] }],
      orderBy: { by: 'cost_usd', direction: 'asc' },
      limit: 200,
    });
    expect(frame.length).toBe(103);
    expect(field(frame, 'Execution').values.at(-1)).toBe(EXECUTION_ID);
  });
});

describe('a real execution', () => {
  const part = (name: AnalyticsQuery['part']) =>
    ask({ queryType: 'execution', executionId: '$execution', part: name });

  it('has a trace with nested steps and model calls', async () => {
    const frame = await part('trace');
    const rows = field(frame, 'spanID').values.map((id, row) => [
      id,
      field(frame, 'parentSpanID').values[row],
      field(frame, 'startTime').values[row] - STARTED,
      field(frame, 'duration').values[row],
    ]);
    expect(rows).toEqual([
      ['execution', undefined, 0, 2_000],
      ['step-1', 'execution', 0, 1_500],
      ['step-2', 'step-1', 500, 200],
      ['usage-1', 'step-1', 0, 1_500],
    ]);
  });

  it('has a summary, steps and token usages', async () => {
    expect(field(await part('summary'), 'Tokens').values).toEqual([1_100]);
    expect(field(await part('steps'), 'Tool').values).toEqual([null, 'search']);
    expect(field(await part('usages'), 'Tokens in').values).toEqual([900]);
  });

  it.each(['018f0000-0000-7000-8000-00000000ffff', 'nothing'])(
    'is an error if it does not exist: %s',
    async (id) => {
      const target = query({ queryType: 'execution', metric: '', executionId: id });
      const { errors } = await run(datasource(), [target], RANGE);
      expect(errors?.[0]?.message).toBe(`There is no execution “${id}”.`);
    },
  );
});

it('real budgets have a spend and a state', async () => {
  const frame = await ask({ queryType: 'budgets' });
  const row = Object.fromEntries(frame.fields.map(({ name, values }) => [name, values[0]]));
  expect(row).toMatchObject({ Name: 'Billing', State: 'exceeded', Used: 125, Spend: 1.25, Threshold: 1 });
});

it('a real forecast has this month by day and as a row', async () => {
  const today = new Date(NOW);
  const days = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 0)).getUTCDate();
  const course = await ask({ queryType: 'forecast' });
  expect(course.length).toBe(days);
  const figures = await ask({ queryType: 'forecast', format: 'table' });
  const known = field(course, 'Actual').values.filter((cost) => cost !== null);
  expect(field(figures, 'So far').values).toEqual([known.at(-1)]);
  expect(field(figures, 'Projected').values).toEqual([field(course, 'Projected').values.at(-1)]);
});

it('a real value is compared with an empty previous period', async () => {
  const frame = await ask({ metric: 'executions', interval: 'none', previous: true });
  expect(field(frame, 'executions').values).toEqual([Infinity, EXECUTIONS.length]);
});
