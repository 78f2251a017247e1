/** The minutes of executions: how they are kept up to date, asked for and dropped. */
import { migrate } from '../../src/db/migrate.js';
import { silentLog } from '../../src/db/log.js';
import { dropExpiredMinutes } from '../../src/rollup/retention.js';
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import { createEmptyDatabase, migrateUpTo, migrationsDir } from '../support/database.js';
import { execution, type TestExecution, usage } from '../support/executions.js';
import { randomOf } from '../support/seed.js';
import { sendAndRollup } from './fleet.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-03-18T12:00:00Z');

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

/** Minutes that the raw executions have and the aggregate lacks, or the other way round. */
const DIFFERENCES = `
  WITH expected AS (
    SELECT tenant_id, date_trunc('minute', started_at) AS bucket, agent_id, provider, model_name, environment, status,
           count(*)::bigint AS executions,
           coalesce(round(sum(execution_time_ms) FILTER (WHERE status <> 'running')::numeric, 3), 0) AS duration_sum,
           sum(steps)::bigint AS steps, sum(input_tokens)::bigint AS input_tokens,
           sum(output_tokens)::bigint AS output_tokens, coalesce(sum(cost_usd), 0) AS cost_usd,
           count(*) FILTER (WHERE cost_usd IS NULL)::bigint AS unpriced,
           count(*) FILTER (WHERE execution_time_ms IS NOT NULL AND status <> 'running')::numeric AS in_histogram
    FROM executions WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7
  ), actual AS (
    SELECT tenant_id, bucket, agent_id, provider, model_name, environment, status, executions,
           round(duration_sum::numeric, 3), steps, input_tokens, output_tokens, cost_usd, unpriced,
           (SELECT coalesce(sum(n), 0) FROM unnest(hist_counts) AS n)
    FROM execution_minutes WHERE tenant_id = $1
  )
  SELECT 'lacks ' || to_jsonb(d)::text AS problem FROM (TABLE expected EXCEPT ALL TABLE actual) AS d
  UNION ALL SELECT 'has ' || to_jsonb(d)::text FROM (TABLE actual EXCEPT ALL TABLE expected) AS d LIMIT 5`;

async function expectRecounted(tenant: string): Promise<void> {
  const { rows } = await t.pool.query(DIFFERENCES, [tenant]);
  expect(rows).toEqual([]);
}

it('equal a recount after every rollup, however late executions come and however they are replaced', async () => {
  const tenant = t.tenant();
  const random = randomOf('minutes of executions');
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const make = (): TestExecution =>
    execution(Math.floor(random() * 300), new Date(NOW - Math.floor(random() * 5 * HOUR)).toISOString(), {
      agent_id: pick(['a', 'b', null]),
      provider: pick(['openai', null]),
      model_name: pick(['gpt-4o', 'acme-1']),
      environment: pick(['production', null]),
      status: pick(['success', 'failure', 'running']),
      execution_time_ms: pick([null, Math.ceil(random() * 9000)]),
      token_usages: random() < 0.5 ? [usage('gpt-4o', 100, 10)] : [],
    });
  for (let round = 0; round < 8; round += 1) {
    const executions = Array.from({ length: 60 }, make);
    const response = await t.post('/api/v1/executions', { executions }, tenant);
    expect(response.json<Json>().rejected).toEqual([]);
    await t.rollup();
    await expectRecounted(tenant);
  }
});

it('stay as they are where nothing has changed', async () => {
  const tenant = t.tenant();
  const versions = async (): Promise<Record<string, string>> => {
    const { rows } = await t.pool.query<{ minute: string; version: string }>(
      `SELECT to_char(bucket AT TIME ZONE 'UTC', 'HH24:MI') AS minute, xmin::text AS version FROM execution_minutes
       WHERE tenant_id = $1`,
      [tenant],
    );
    return Object.fromEntries(rows.map(({ minute, version }) => [minute, version]));
  };
  await sendAndRollup(t, tenant, [
    execution(1, '2026-03-18T11:00:10Z', { agent_id: 'a', environment: 'production', cost_usd: 0.5 }),
    execution(2, '2026-03-18T11:01:10Z', { agent_id: 'a', execution_time_ms: 17 }),
  ]);
  const before = await versions();
  await sendAndRollup(t, tenant, [execution(3, '2026-03-18T11:01:50Z', { agent_id: 'a' })]);
  const after = await versions();
  expect(after['11:00']).toBe(before['11:00']);
  expect(after['11:01']).not.toBe(before['11:01']);
});

it('follow an execution that is sent again at another minute, as a failure of another agent', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, [
    execution(1, '2026-03-18T11:20:10Z', { agent_id: 'a', execution_time_ms: 100 }),
    execution(2, '2026-03-18T11:20:20Z', { agent_id: 'a', execution_time_ms: 300 }),
  ]);
  await sendAndRollup(t, tenant, [
    execution(1, '2026-03-18T11:26:10Z', { agent_id: 'b', status: 'failure', execution_time_ms: 50 }),
  ]);
  const { count, rate, median } = await t.query(tenant, {
    range: { from: '2026-03-18T11:20:00Z', to: '2026-03-18T11:30:00Z' },
    queries: [
      { refId: 'count', metric: 'executions', groupBy: ['agent'], interval: '5m' },
      { refId: 'rate', metric: 'execution_error_rate', interval: '5m' },
      {
        refId: 'median',
        metric: 'execution_duration_p50_ms',
        interval: 'minute',
        groupBy: ['executionStatus'],
      },
    ],
  });
  const of = (refId: typeof count, ...columns: string[]): unknown[][] =>
    rowsOf(refId!).map((row) => columns.map((column) => row[column]));
  expect(of(count, 'time', 'agent', 'value')).toEqual([
    ['2026-03-18T11:20:00.000Z', 'a', 1],
    ['2026-03-18T11:20:00.000Z', 'b', 0],
    ['2026-03-18T11:25:00.000Z', 'b', 1],
    ['2026-03-18T11:25:00.000Z', 'a', 0],
  ]);
  expect(of(rate, 'value')).toEqual([[0], [100]]);
  const known = rowsOf(median!).filter(({ value }) => value !== null);
  expect(known.map(({ time, executionStatus }) => [time, executionStatus])).toEqual([
    ['2026-03-18T11:20:00.000Z', 'success'],
    ['2026-03-18T11:26:00.000Z', 'failure'],
  ]);
  expect(Number(known[0]!.value)).toBeCloseTo(300, -1);
});

it('are offered by the catalog, and refused where they are not kept', async () => {
  const { metrics } = await t.read<{ metrics: { name: string; intervals: string[] }[] }>('catalog');
  const intervalsOf = (name: string): string[] => metrics.find((metric) => metric.name === name)!.intervals;
  for (const name of [
    'executions',
    'execution_success_rate',
    'execution_duration_p95_ms',
    'total_tokens',
    'cost_usd',
  ])
    expect(intervalsOf(name).slice(0, 4)).toEqual(['minute', '5m', '15m', 'hour']);
  expect(intervalsOf('tool_calls')[0]).toBe('hour');
  const errorOf = async (from: string, asked: object): Promise<unknown> => {
    const { bad } = await t.query('acme', {
      range: { from, to: '2026-03-18T12:00:00Z' },
      // One bad query of several fails alone.
      queries: [
        { refId: 'good', metric: 'executions' },
        { refId: 'bad', metric: 'executions', ...asked },
      ],
    });
    return bad!.error;
  };
  expect(await errorOf('2026-03-18T11:00:00Z', { groupBy: ['user'], interval: '5m' })).toMatchObject({
    code: 'VALIDATION_ERROR',
    message: 'by user together, executions is kept by the hour; take the interval hour or a wider one',
  });
  expect(await errorOf('2026-03-16T11:00:00Z', { interval: '15m' })).toMatchObject({
    code: 'VALIDATION_ERROR',
    message:
      'minutes are kept since 2026-03-16T12:00:00.000Z; begin there, or take the interval hour or a wider one',
  });
});

it('cut a range to the minute without an interval, as for events', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, [
    execution(1, '2026-03-18T09:59:00Z'),
    execution(2, '2026-03-18T10:30:00Z'),
    execution(3, '2026-03-18T11:14:59Z'),
    execution(4, '2026-03-18T11:15:00Z'),
  ]);
  const { A } = await t.query(tenant, {
    range: { from: '2026-03-18T10:00:00Z', to: '2026-03-18T11:15:00Z' },
    queries: [{ refId: 'A', metric: 'executions' }],
  });
  expect([rowsOf(A!), A!.notices]).toEqual([[{ value: 2 }], []]);
});

it('go with MINUTE_RETENTION_HOURS, and their hours stay', async () => {
  const own = await testApp();
  try {
    await sendAndRollup(own, 'acme', [
      execution(1, '2026-03-16T12:30:00Z'),
      execution(2, '2026-03-18T11:30:00Z'),
    ]);
    const kept = async (table: string): Promise<number> => {
      const { rows } = await own.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
      return rows[0]!.n;
    };
    expect(await kept('execution_minutes')).toBe(2);
    const retention = { minuteRetentionHours: 48, retentionDays: 400 };
    // Those of executions and of their models.
    expect(await dropExpiredMinutes(own.pool, NOW + 4 * HOUR, retention)).toBe(2);
    expect([await kept('execution_minutes'), await kept('execution_hours')]).toEqual([1, 2]);
    // A late execution of an hour without minutes counts in the hour alone.
    own.clock.now = NOW + 4 * HOUR;
    await sendAndRollup(own, 'acme', [execution(3, '2026-03-16T12:40:00Z')]);
    expect(await kept('execution_minutes')).toBe(1);
    const { A } = await own.query('acme', {
      range: { from: '2026-03-16T12:00:00Z', to: '2026-03-16T13:00:00Z' },
      queries: [{ refId: 'A', metric: 'executions' }],
    });
    expect(rowsOf(A!)).toEqual([{ value: 2 }]);
  } finally {
    await own.close();
  }
});

it('are made of what an earlier release has stored within their time', async () => {
  const database = await createEmptyDatabase();
  try {
    await migrateUpTo(database.pool, 12);
    await database.pool.query(`
      INSERT INTO watermarks (name, at) VALUES ('minutes_from', '2026-03-16T12:00:00Z');
      INSERT INTO execution_status_hours
        SELECT 'acme', at, 'success', 1, 0, 0, '{}', '{}', 0, 0, 0, 0, 0, 0, 1
        FROM unnest(ARRAY['2026-03-16T11:00:00Z', '2026-03-16T12:00:00Z', '2026-03-18T11:00:00Z']::timestamptz[]) AS at`);
    await migrate(database.pool, { dir: migrationsDir, log: silentLog });
    const { rows } = await database.pool.query<{ bucket: Date }>(
      `SELECT DISTINCT bucket FROM dirty_marks WHERE kind = 'execution' ORDER BY bucket`,
    );
    expect(rows.map(({ bucket }) => bucket.toISOString())).toEqual([
      '2026-03-16T12:00:00.000Z',
      '2026-03-18T11:00:00.000Z',
    ]);
  } finally {
    await database.drop();
  }
});
