/**
 * Records what a release leaves in the database, what it answers, and the statements of a replica of it that runs on:
 * `npx tsx exporter/test/upgrade/record.ts | gzip -9 > exporter/test/upgrade/recorded/<version>.json.gz`, in a checkout of
 * the release.
 * Statements are recorded by connection, since a transaction is of one.
 */
import pg from 'pg';
import { testApp, type TestApp, PREFIX } from '../support/app.js';
import { startTestServer, stopTestServer } from '../support/server.js';
import { ask } from './ask.js';
import { encode, type Recorded, type RecordedStatement } from './recording.js';
import {
  BUDGET,
  EVENTS_BEFORE,
  EVENTS_BESIDE,
  EXECUTIONS_BEFORE,
  EXECUTIONS_BESIDE,
  NOW,
  PRICE,
  TENANTS,
  TRACE,
} from './scenario.js';

const statements: RecordedStatement[] = [];
const connections = new Map<object, number>();
let recording = false;

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
  const answer = (query as (...rest: unknown[]) => unknown).apply(this, args);
  if (recording) {
    const [first, second] = args as [string | { text: string; values?: unknown[] }, unknown];
    const { text, values } = typeof first === 'string' ? { text: first, values: second } : first;
    if (!connections.has(this)) connections.set(this, connections.size);
    const statement: RecordedStatement = {
      connection: connections.get(this)!,
      text,
      values: Array.isArray(values) ? values.map(encode) : [],
    };
    statements.push(statement);
    if (answer instanceof Promise) answer.catch((error: pg.DatabaseError) => (statement.error = error.code));
  }
  return answer;
} as typeof query;

async function must(
  t: TestApp,
  method: 'POST' | 'PUT',
  url: string,
  payload: object,
  tenant: string,
): Promise<void> {
  const scopes = ['analytics:read', 'analytics:write', 'analytics:admin'] as const;
  const response = await t.app.inject({ method, url, payload, headers: await t.headers({ tenant, scopes }) });
  if (response.statusCode >= 300) throw new Error(`${url}: ${response.body.slice(0, 500)}`);
}

async function send(t: TestApp, tenant: string, events: object[], executions: object[]): Promise<void> {
  await must(t, 'POST', '/api/v1/events', { events }, tenant);
  await must(t, 'POST', '/api/v1/executions', { executions }, tenant);
}

/** Each table's rows as JSON texts, generated columns left out; partitions are read through their parents. */
async function dump(pool: pg.Pool): Promise<Recorded['tables']> {
  const { rows: tables } = await pool.query<{ name: string; columns: string[] }>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname <> 'schema_migrations'
     GROUP BY 1 ORDER BY 1`,
  );
  const dumped: Recorded['tables'] = [];
  for (const { name, columns } of tables) {
    const list = columns.map((column) => `"${column}"`).join(', ');
    const { rows } = await pool.query<{ row: string }>(
      `SELECT row_to_json(r)::text AS row FROM (SELECT ${list} FROM ${name}) AS r ORDER BY row_to_json(r)::text COLLATE "C"`,
    );
    if (rows.length > 0) dumped.push({ name, columns, rows: rows.map(({ row }) => row) });
  }
  return dumped;
}

/** Works off all marks, those that wait for up to five minutes included. */
async function rollUpAll(t: TestApp): Promise<void> {
  await t.rollup();
  t.clock.now += 6 * 60_000;
  await t.rollup();
  t.setNow(NOW);
}

await startTestServer();
const t = await testApp({ now: NOW });
try {
  for (const tenant of TENANTS) {
    await must(t, 'PUT', `${PREFIX}/prices`, PRICE, tenant);
    await must(t, 'POST', `${PREFIX}/budgets`, BUDGET, tenant);
    await send(t, tenant, EVENTS_BEFORE, EXECUTIONS_BEFORE);
    await must(t, 'POST', '/v1/traces', TRACE, tenant);
  }
  await rollUpAll(t);
  const { rows } = await t.pool.query<{ version: number }>(
    'SELECT max(version) AS version FROM schema_migrations',
  );
  const before = { tables: await dump(t.pool), answers: await ask(t) };
  recording = true;
  for (const tenant of TENANTS) await send(t, tenant, EVENTS_BESIDE, EXECUTIONS_BESIDE);
  await rollUpAll(t);
  recording = false;
  const recorded: Recorded = {
    schemaVersion: rows[0]!.version,
    ...before,
    statements,
    answersBeside: await ask(t),
  };
  process.stdout.write(`${JSON.stringify(recorded, null, 1)}\n`);
} finally {
  await t.close();
  await stopTestServer();
}
