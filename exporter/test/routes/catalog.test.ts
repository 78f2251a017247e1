import { DIMENSIONS, INTERVALS, METRICS } from '../../src/catalog/index.js';
import { testApp, type TestApp } from '../support/app.js';

interface Catalog {
  metrics: {
    name: string;
    title: string;
    description: string;
    unit: string;
    kind: string;
    dimensions: string[];
    intervals: string[];
  }[];
  dimensions: { name: string; title: string; description: string }[];
  minuteRetentionHours: number;
}

let t: TestApp;
let catalog: Catalog;
beforeAll(async () => {
  t = await testApp();
  catalog = await t.read<Catalog>('catalog');
});
afterAll(() => t.close());

const metric = (name: string): Catalog['metrics'][number] => {
  const found = catalog.metrics.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

describe('GET /catalog', () => {
  it.each([
    ['api_calls', 'count'],
    ['api_errors', 'count'],
    ['api_error_rate', 'rate'],
    ['api_duration_avg_ms', 'duration'],
    ['api_duration_p50_ms', 'duration'],
    ['api_duration_p95_ms', 'duration'],
    ['api_duration_p99_ms', 'duration'],
    ['token_issuances', 'count'],
    ['token_failures', 'count'],
    ['token_failure_rate', 'rate'],
    ['credential_rotations', 'count'],
    ['days_since_rotation', 'gauge'],
    ['active_agents', 'gauge'],
    ['executions', 'count'],
    ['execution_success_rate', 'rate'],
    ['execution_error_rate', 'rate'],
    ['execution_duration_avg_ms', 'duration'],
    ['execution_duration_p50_ms', 'duration'],
    ['execution_duration_p95_ms', 'duration'],
    ['execution_duration_p99_ms', 'duration'],
    ['steps', 'count'],
    ['input_tokens', 'count'],
    ['output_tokens', 'count'],
    ['total_tokens', 'count'],
    ['cost_usd', 'count'],
    ['unpriced_executions', 'count'],
    ['tool_calls', 'count'],
    ['tool_success_rate', 'rate'],
    ['tool_duration_avg_ms', 'duration'],
    ['rate_limited_calls', 'count'],
    ['cached_input_tokens', 'count'],
    ['cache_hit_rate', 'rate'],
    ['reasoning_tokens', 'count'],
    ['execution_tokens_avg', 'duration'],
    ['execution_steps_avg', 'duration'],
    ['execution_cost_avg_usd', 'duration'],
    ['active_users', 'gauge'],
    ['tool_duration_p50_ms', 'duration'],
    ['tool_duration_p95_ms', 'duration'],
    ['tool_duration_p99_ms', 'duration'],
    ['tool_cost_usd', 'count'],
    ['model_cost_usd', 'count'],
    ['storage_cost_usd', 'count'],
    ['total_cost_usd', 'count'],
  ])('has %s, a %s', (name, kind) => {
    expect(metric(name).kind).toBe(kind);
  });

  it('has the dimensions of the contract', () => {
    expect(catalog.dimensions.map(({ name }) => name)).toEqual([
      'agent',
      'agentTag',
      'endpoint',
      'statusClass',
      'statusCode',
      'executionStatus',
      'level',
      'model',
      'provider',
      'user',
      'flow',
      'environment',
      'tag',
      'tool',
      'errorType',
      'component',
      'weekday',
      'hourOfDay',
    ]);
  });

  it('gives a title, a description and one of Grafana’s units to each', () => {
    for (const { title, description, unit } of catalog.metrics) {
      expect([title, description]).toEqual([expect.stringMatching(/./), expect.stringMatching(/\.$/)]);
      expect(['short', 'percent', 'ms', 's', 'd', 'dateTimeAsIso', 'currencyUSD']).toContain(unit);
    }
    for (const { title, description } of catalog.dimensions) {
      expect([title, description]).toEqual([expect.stringMatching(/./), expect.stringMatching(/\.$/)]);
    }
  });

  it('offers each metric the dimensions that its aggregates carry', () => {
    const ofTime = ['weekday', 'hourOfDay'];
    const ofCalls = ['endpoint', 'statusClass', 'statusCode', 'environment'];
    const all = ['agent', 'agentTag', ...ofCalls, ...ofTime];
    for (const name of ['api_calls', 'api_errors', 'api_error_rate', 'api_duration_avg_ms']) {
      expect(metric(name).dimensions).toEqual(all);
    }
    for (const p of ['p50', 'p95', 'p99']) {
      expect(metric(`api_duration_${p}_ms`).dimensions).toEqual(all.slice(2));
    }
    for (const name of [
      'token_issuances',
      'token_failures',
      'token_failure_rate',
      'credential_rotations',
      'active_agents',
    ]) {
      expect(metric(name).dimensions).toEqual(['agent', 'agentTag', 'environment', ...ofTime]);
    }
    for (const name of ['days_since_rotation', 'last_rotation_time', 'rotation_interval_avg_days']) {
      expect(metric(name).dimensions).toEqual(['agent', 'agentTag']);
    }
    const ofExecutions = [
      'agent',
      'agentTag',
      'executionStatus',
      'level',
      'model',
      'provider',
      'user',
      'flow',
      'environment',
      'tag',
    ];
    expect(metric('execution_duration_p95_ms').dimensions).toEqual([...ofExecutions, ...ofTime]);
    expect(metric('executions').dimensions).toEqual([...ofExecutions, 'errorType', ...ofTime]);
    expect(metric('cost_usd').dimensions).toEqual([...ofExecutions, 'component', ...ofTime]);
    expect(metric('tool_calls').dimensions).toEqual(['agent', 'agentTag', 'tool', ...ofTime]);
  });

  it('offers each metric the intervals that it is kept in', () => {
    expect(metric('api_calls').intervals).toEqual([
      'minute',
      '5m',
      '15m',
      'hour',
      '6h',
      'day',
      'week',
      'month',
      'none',
    ]);
    expect(metric('days_since_rotation').intervals).toEqual(['hour', '6h', 'day', 'week', 'month', 'none']);
  });

  it('says for how long minutes are kept, as the service is set', async () => {
    expect(catalog.minuteRetentionHours).toBe(48);
    const longer = await testApp({ database: t.database, env: { MINUTE_RETENTION_HOURS: '744' } });
    try {
      expect((await longer.read<Catalog>('catalog')).minuteRetentionHours).toBe(744);
    } finally {
      await longer.close();
    }
  });

  it('promises nothing that POST /query refuses: every metric by each of its dimensions and intervals', async () => {
    const range = { from: '2026-03-18T06:00:00Z', to: '2026-03-18T12:00:00Z' };
    const queries = catalog.metrics.flatMap(({ name, dimensions, intervals }) => [
      ...dimensions.map((dimension) => ({ metric: name, groupBy: [dimension], interval: 'hour' })),
      ...intervals.map((interval) => ({ metric: name, interval })),
    ]);
    for (let first = 0; first < queries.length; first += 100) {
      const part = queries.slice(first, first + 100).map((query, i) => ({ refId: `${i}`, ...query }));
      const results = await t.query('acme', { range, queries: part });
      const failed = part.filter(({ refId }) => results[refId]!.error !== undefined);
      expect(failed).toEqual([]);
    }
  });

  it('is the declarations and nothing else', () => {
    expect(catalog.metrics.map(({ name }) => name)).toEqual(METRICS.map(({ name }) => name));
    expect(catalog.dimensions.map(({ name }) => name)).toEqual(DIMENSIONS.map(({ name }) => name));
    expect(new Set(catalog.metrics.flatMap(({ intervals }) => intervals))).toEqual(new Set(INTERVALS));
  });
});
