/** The declarations against the schema: what a source promises, its tables have. */
import {
  DIMENSIONS,
  dimensionsOf,
  type Level,
  METRICS,
  type Source,
  SOURCES,
  sourcesOf,
} from '../../src/catalog/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Columns that a measure or a dimension is read from. */
const COLUMNS: Record<string, readonly string[]> = {
  agent: ['agent_id'],
  endpoint: ['endpoint'],
  statusCode: ['status_code'],
  statusClass: ['status_code'],
  errors: ['status_code'],
  durationSum: ['duration_sum'],
  durationCount: ['duration_count'],
  durations: ['hist_buckets', 'hist_counts'],
  agents: ['agent_id'],
  tokenAgents: ['agent_id', 'metric_type'],
  rotationTimes: ['first_at', 'last_at'],
  issuances: ['metric_type', 'count'],
  failures: ['metric_type', 'count'],
  rotations: ['metric_type', 'count'],
  executionStatus: ['status'],
  model: ['model_name'],
  provider: ['provider'],
  user: ['user_id'],
  flow: ['flow_id'],
  tool: ['tool_name'],
  errorType: ['error_type'],
  component: ['component'],
  executions: ['executions'],
  executionAgents: ['agent_id'],
  finished: ['executions', 'status'],
  succeeded: ['executions', 'status'],
  unsuccessful: ['executions', 'status'],
  executionDurationSum: ['duration_sum'],
  executionDurationCount: ['duration_count'],
  executionDurations: ['hist_buckets', 'hist_counts'],
  steps: ['steps'],
  inputTokens: ['input_tokens'],
  outputTokens: ['output_tokens'],
  totalTokens: ['input_tokens', 'output_tokens'],
  pricedTokens: ['priced_tokens'],
  costUsd: ['cost_usd'],
  unpriced: ['unpriced'],
  toolCalls: ['calls'],
  toolRated: ['rated'],
  toolSuccesses: ['successes'],
  toolDurationSum: ['duration_sum'],
  toolDurationCount: ['duration_count'],
};

async function columnsOf(table: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  return rows.map(({ name }) => name);
}

const tables = (SOURCES as readonly Source[]).flatMap((source) =>
  Object.entries(source.tables).map(([level, table]) => ({ source, level: level as Level, table })),
);

describe.each(tables)('$table', ({ source, level, table }) => {
  it('has what its source promises, and the tenant first', async () => {
    const columns = await columnsOf(table);
    expect(columns[0]).toBe('tenant_id');
    expect(columns).toContain(level === 'day' ? 'date' : 'bucket');
    const calls = columns.includes('calls') ? 'calls' : 'count';
    for (const name of [...source.dimensions, ...source.measures]) {
      expect(columns).toEqual(expect.arrayContaining([...(COLUMNS[name] ?? [calls])]));
    }
  });
});

describe('the metrics', () => {
  it('have names of their own, made for a wire', () => {
    const names = METRICS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]+$/);
  });

  it('are each kept somewhere', () => {
    for (const metric of METRICS)
      expect([metric.name, sourcesOf(metric).length > 0]).toEqual([metric.name, true]);
  });

  it('use every dimension that there is', () => {
    const used = new Set(METRICS.flatMap((metric) => dimensionsOf(metric).map(({ name }) => name)));
    expect([...used].sort()).toEqual(DIMENSIONS.map(({ name }) => name).sort());
  });
});
