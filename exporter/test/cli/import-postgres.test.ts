import type { Pool } from 'pg';
import { derivedId } from '../../src/ingest/derived-id.js';
import { testApp, type TestApp } from '../support/app.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { type Outcome, runCli } from './run-cli.js';

const DAY = 86_400_000;
const NOW = Date.now();
const ago = (days: number): string => new Date(NOW - days * DAY).toISOString();
const dateAgo = (days: number): string => ago(days).slice(0, 10);

interface Summary {
  summary: {
    totalApiCalls: number;
    totalTokenIssuances: number;
    totalCredentialRotations: number;
    activeAgentCount: number;
  };
}

let t: TestApp;
/** The identity provider's database. */
let provider: TestDatabase;
let source: Pool;

beforeAll(async () => {
  t = await testApp({ now: new Date().toISOString() });
  provider = await createEmptyDatabase();
  source = provider.pool;
});
afterAll(async () => {
  await provider.drop();
  await t.close();
});

const importTable = (table: string, ...args: string[]): Promise<Outcome> =>
  runCli(['import', 'postgres', '--url', provider.url, '--table', table, ...args], {
    DATABASE_URL: t.database.url,
  });
const summaryOf = async (tenant: string): Promise<Summary['summary']> =>
  (await t.read<Summary>('usage-summary', tenant)).summary;

/** A table of events with a serial id and `rows` token issuances, one minute apart. */
async function eventTable(name: string, rows: number): Promise<void> {
  await source.query(`CREATE TABLE ${name} (
    id bigserial PRIMARY KEY, agent_id text, metric_type text NOT NULL, created_at timestamptz NOT NULL)`);
  await source.query(
    `INSERT INTO ${name} (agent_id, metric_type, created_at)
     SELECT 'agent-' || i % 7, 'token_issuances', $2::timestamptz + i * interval '1 minute' FROM generate_series(1, $1) i`,
    [rows, ago(12)],
  );
}

describe('import postgres', () => {
  it('finds columns by name, and imports each row once', async () => {
    await eventTable('grants', 12_000);
    const first = await importTable('grants', '--tenant', 'acme');
    expect(first.stderr).toMatch(
      /\/public\.grants, all for tenant acme: id from id, occurredAt from created_at, metricType from metric_type, agentId from agent_id\n$/,
    );
    expect(first.stdout).toMatch(/^12,000 rows: 12,000 accepted, 0 duplicates, 0 rejected, 0 broken;/);
    expect(await summaryOf('acme')).toMatchObject({ totalTokenIssuances: 12_000, activeAgentCount: 7 });
    const again = await importTable('grants', '--tenant', 'acme', '--from-start');
    expect(again.stdout).toMatch(/^12,000 rows: 0 accepted, 12,000 duplicates/);
  });

  it('continues where the last import ended, including late rows', async () => {
    await eventTable('growing', 6_000);
    await importTable('growing', '--tenant', 'growing', '--overlap-hours', '1');
    await source.query(
      `INSERT INTO growing (agent_id, metric_type, created_at)
       SELECT 'late', 'token_issuances', max(created_at) - interval '30 minutes' FROM growing
       UNION ALL SELECT 'new', 'credential_rotations', max(created_at) + interval '1 minute' FROM growing`,
    );
    const { stdout } = await importTable('growing', '--tenant', 'growing', '--overlap-hours', '1');
    expect(stdout).toMatch(/^6[0-9] rows: 2 accepted, 6[01] duplicates/);
    expect(await summaryOf('growing')).toMatchObject({
      totalTokenIssuances: 6_001,
      totalCredentialRotations: 1,
    });
  });

  it.each([
    ['integer', 'i'],
    ['numeric(9,2)', 'i / 100.0'],
    ['char(40)', 'md5(i::text)'],
    ['varchar(40)', 'md5(i::text)'],
    ['bit(32)', 'i::bit(32)'],
  ])('reads each row once where a %s tells those of one time apart', async (type, value) => {
    const table = type.replace(/\W+/g, '_');
    await source.query(`CREATE TABLE ${table} (id ${type} PRIMARY KEY, created_at timestamp(0) NOT NULL)`);
    // The first page ends within 700 rows of the same minute, whose ids have different numbers of digits.
    await source.query(
      `INSERT INTO ${table} SELECT ${value}, now() - (11000 - i) / 700 * interval '1 minute'
       FROM generate_series(5001, 11000) i`,
    );
    const { stdout } = await importTable(table, '--tenant', table, '--set', 'metricType=api_calls');
    expect(stdout).toMatch(/^6,000 rows: 6,000 accepted, 0 duplicates/);
  });

  it('imports daily counts, except for the current day', async () => {
    await source.query(`CREATE TABLE usage_events (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL, agent_id uuid, date date NOT NULL,
      metric_type text NOT NULL, count integer NOT NULL)`);
    const [one, two] = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];
    await source.query(
      `INSERT INTO usage_events (organization_id, agent_id, date, metric_type, count) VALUES
       ($1, gen_random_uuid(), $3, 'api_calls', 120), ($1, NULL, $4, 'api_calls', 30),
       ($2, gen_random_uuid(), $4, 'api_calls', 7), ($1, NULL, $5, 'api_calls', 1000)`,
      [one, two, dateAgo(3), dateAgo(1), dateAgo(0)],
    );
    const { stdout, stderr } = await importTable('usage_events');
    expect(stderr).toContain('usage_events, each to its tenant: id from id, tenantId from organization_id,');
    expect(stdout).toMatch(/^3 rows: 3 accepted/);
    expect(await summaryOf(one)).toMatchObject({ totalApiCalls: 150, activeAgentCount: 1 });
    expect(await summaryOf(two)).toMatchObject({ totalApiCalls: 7 });
  });

  it('imports only the rows of --tenant if a column names the tenant', async () => {
    await source.query(`CREATE TABLE tenanted (
      id serial PRIMARY KEY, tenant_id text, metric_type text, occurred_at timestamp NOT NULL)`);
    await source.query(
      `INSERT INTO tenanted (tenant_id, metric_type, occurred_at) SELECT x, 'api_calls', $1 FROM unnest($2::text[]) x`,
      [ago(2), ['left', 'left', 'right', 'not an id', null]],
    );
    expect((await importTable('tenanted', '--tenant', 'left')).stdout).toMatch(/^2 rows: 2 accepted/);
    const all = await importTable('tenanted');
    expect(all.stdout).toMatch(/^5 rows: 1 accepted, 2 duplicates, 0 rejected, 2 broken/);
    expect(all.stderr).toMatch(/2 broken rows:\n {2}row .*, 4: has no valid tenant\n/);
    expect((await summaryOf('right')).totalApiCalls).toBe(1);
  });

  it('uses the given columns', async () => {
    await source.query(`CREATE SCHEMA "Audit"`);
    await source.query(`CREATE TABLE "Audit"."Token Log" (
      "Nr" integer PRIMARY KEY, "At" timestamptz, "Who" text, "Path" text, "Code" integer, "Ms" numeric, "count" text)`);
    await source.query(
      `INSERT INTO "Audit"."Token Log" VALUES (1, $1, 'bot', 'GET /v1/a?x=1', 503, 12.5, 'x'), (2, NULL, 'bot', NULL, NULL, NULL, 'x')`,
      [ago(1.5)],
    );
    const columns = { occurredAt: 'At', agentId: 'Who', endpoint: 'Path', status: 'Code', durationMs: 'Ms' };
    const args = Object.entries(columns).flatMap(([field, column]) => ['--column', `${field}=${column}`]);
    const { stdout, stderr } = await importTable(
      'Audit.Token Log',
      '--tenant',
      'named',
      ...args,
      '--set',
      'metricType=api_calls',
    );
    expect(stdout).toMatch(/^2 rows: 1 accepted, 0 duplicates, 0 rejected, 1 broken/);
    expect(stderr).toContain('a row: has no At or key');
    const { endpoints } = await t.read<{ endpoints: object[] }>('call-patterns', 'named');
    expect(endpoints).toMatchObject([{ calls: 1, errors: 1, averageDurationMs: 12.5 }]);
  });

  it('reports rejected rows by key', async () => {
    await source.query(`CREATE TABLE odd (id serial PRIMARY KEY, metric_type text, ts timestamptz NOT NULL)`);
    await source.query(`INSERT INTO odd (metric_type, ts) VALUES ('logins', $1), ('api_calls', $2)`, [
      ago(1),
      ago(900),
    ]);
    const { stdout, stderr } = await importTable('odd', '--tenant', 'odd');
    expect(stdout).toMatch(/^2 rows: 0 accepted, 0 duplicates, 2 rejected/);
    expect(stderr).toMatch(/1 rejected, VALIDATION_ERROR:\n {2}row .*, 1: metricType must be one of/);
    expect(stderr).toMatch(/Set RETENTION_DAYS=90\d for the import and the exporter/);
  });

  describe('the same rows, imported again', () => {
    const figures = async (tenant: string): Promise<unknown[]> => {
      const { rows } = await t.pool.query<{ figures: string }>(
        `SELECT to_char(occurred_at, 'YYYY-MM-DD') || ' ' || agent_id || ' ' || metric_type AS figures
         FROM usage_events WHERE tenant_id = $1 ORDER BY 1`,
        [tenant],
      );
      return rows.map((row) => row.figures);
    };
    const callsTable = async (name: string): Promise<void> => {
      await source.query(`CREATE TABLE ${name} (
        nr serial PRIMARY KEY, who text, caller text, started timestamptz NOT NULL, ended timestamptz NOT NULL)`);
      await source.query(
        `INSERT INTO ${name} (who, caller, started, ended) SELECT 'w' || i, 'c' || i, $1, $2 FROM generate_series(1, 3) i`,
        [ago(5), ago(4)],
      );
    };
    const [before, after] = [dateAgo(5), dateAgo(4)];
    const args = (tenant: string): string[] => [
      '--tenant',
      tenant,
      '--column',
      'occurredAt=started',
      '--column',
      'agentId=who',
    ];

    it('under another mapping replace what they were', async () => {
      await callsTable('remapped');
      const first = await importTable('remapped', ...args('remapped'), '--set', 'metricType=api_calls');
      expect(first.stdout).toContain('3 rows: 3 accepted');
      const other = ['--column', 'occurredAt=ended', '--column', 'agentId=caller'];
      const second = await importTable(
        'remapped',
        '--tenant',
        'remapped',
        ...other,
        '--set',
        'metricType=token_issuances',
      );
      expect(second.stderr).toContain('every row is read again');
      expect(second.stdout).toContain('3 rows: 3 accepted, 0 duplicates');
      expect(await figures('remapped')).toEqual(
        ['c1', 'c2', 'c3'].map((agent) => `${after} ${agent} token_issuances`),
      );
      expect(await summaryOf('remapped')).toMatchObject({ totalApiCalls: 0, totalTokenIssuances: 3 });
      // The position is that of the new mapping from here on.
      await source.query(`INSERT INTO remapped (who, caller, started, ended) VALUES ('w4', 'c4', $1, $1)`, [
        ago(1),
      ]);
      const third = await importTable(
        'remapped',
        '--tenant',
        'remapped',
        ...other,
        '--set',
        'metricType=token_issuances',
      );
      expect(third.stdout).toContain('4 rows: 1 accepted, 3 duplicates');
    });

    it('that an earlier release imported are recognised', async () => {
      await callsTable('early');
      const { rows } = await source.query<{ nr: string; text: string; started: Date; name: string }>(
        `SELECT nr::text, (started AT TIME ZONE 'UTC')::text || '+00' AS text, started,
                current_database() || '/public.early' AS name FROM early ORDER BY nr`,
      );
      const events = rows.map(({ nr, text, started, name }) => ({
        id: derivedId(JSON.stringify([name, text, nr])),
        occurredAt: started.toISOString(),
        metricType: 'api_calls',
        agentId: `w${nr}`,
      }));
      await t.services.ingest.events('early', events);
      await t.pool.query('INSERT INTO watermarks (name, at) VALUES ($1, $2)', [
        `import:postgres:${rows[0]!.name}:as:early`,
        ago(5),
      ]);
      const same = await importTable('early', ...args('early'), '--set', 'metricType=api_calls');
      expect(same.stdout).toContain('3 rows: 0 accepted, 3 duplicates');
      const other = await importTable('early', ...args('early'), '--set', 'metricType=token_issuances');
      expect(other.stdout).toContain('3 rows: 3 accepted, 0 duplicates');
      expect(await figures('early')).toEqual(
        ['w1', 'w2', 'w3'].map((agent) => `${before} ${agent} token_issuances`),
      );
    });

    it('replace what was sent by other means only if they are read from the start', async () => {
      await source.query(
        `CREATE TABLE sent (id uuid PRIMARY KEY, created_at timestamptz NOT NULL, agent_id text)`,
      );
      const id = '0198aaaa-0000-4000-8000-000000000001';
      await source.query('INSERT INTO sent VALUES ($1, $2, $3)', [id, ago(3), 'of-the-table']);
      const event = { id, occurredAt: ago(3), metricType: 'api_calls', agentId: 'sent' };
      await t.services.ingest.events('sent', [event]);
      const set = ['--tenant', 'sent', '--set', 'metricType=api_calls'];
      expect((await importTable('sent', ...set)).stdout).toContain('1 row: 0 accepted, 1 duplicate,');
      expect(await figures('sent')).toEqual([`${dateAgo(3)} sent api_calls`]);
      expect((await importTable('sent', ...set, '--from-start')).stdout).toContain('1 row: 1 accepted');
      expect(await figures('sent')).toEqual([`${dateAgo(3)} of-the-table api_calls`]);
    });
  });

  it('names the columns that nothing uses, and --dry-run writes nothing', async () => {
    await eventTable('shown', 20);
    await source.query(`ALTER TABLE shown ADD colour text, ADD shape text`);
    await source.query(`UPDATE shown SET metric_type = 'logins' WHERE id = 2`);
    const { stdout, stderr, exitCode } = await importTable('shown', '--tenant', 'shown', '--dry-run');
    expect(stderr).toContain('\nNot used: 2 columns, colour, shape. Read a field from one with --column');
    expect(stderr).toMatch(/1 rejected, VALIDATION_ERROR:\n {2}row .*, 2: metricType must be one of/);
    expect(stdout).toMatch(
      /^row .*, 1: \{"occurredAt":"[^"]+Z","id":"[^"]+","metricType":"token_issuances","agentId":"agent-1"/,
    );
    expect(stdout).toContain(
      'The first 5 rows: 4 accepted, 0 duplicates, 1 rejected, 0 broken; nothing was written.',
    );
    expect(exitCode).toBe(3);
    const written = await t.pool.query(
      `SELECT FROM tenants WHERE id = 'shown' UNION ALL SELECT FROM watermarks WHERE name LIKE '%public.shown%'`,
    );
    expect(written.rowCount).toBe(0);
  });

  it('does not modify the source', async () => {
    const writing = await importTable("odd'; DROP TABLE odd; --", '--tenant', 'x');
    expect(writing.stderr).toContain('there is no such table');
    expect((await source.query('SELECT FROM odd')).rowCount).toBe(2);
  });

  it.each([
    [
      'a table that is not there, with those that are',
      ['nothing', '--tenant', 'x'],
      /^agentidp-analytics: --table nothing: there is no such table; there are .*public\.odd/,
    ],
    [
      'a column that is not there, with those that are',
      ['odd', '--tenant', 'x', '--column', 'agentId=who'],
      /--column agentId=who: there is no such column; the table has id \(integer\), metric_type \(text\)/,
    ],
    [
      'a field that is none',
      ['odd', '--tenant', 'x', '--column', 'agent=who'],
      /--column.*Unknown field "agent"; fields are id, tenantId/,
    ],
    [
      'a time that is none',
      ['odd', '--tenant', 'x', '--column', 'occurredAt=metric_type'],
      /--column occurredAt=metric_type: is a text, not a timestamp or date/,
    ],
    ['a missing tenant', ['odd'], /--tenant: specify the tenant/],
    [
      'a field that is set and has a column',
      ['odd', '--tenant', 'x', '--column', 'count=id', '--set', 'count=1'],
      /--set count: conflicts with --column count=id/,
    ],
  ])('refuses %s', async (_, args, message) => {
    const { stdout, stderr, exitCode } = await importTable(...(args as [string, ...string[]]));
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('requires an id for a table without a primary key, and a metric type', async () => {
    await source.query(`CREATE TABLE keyless (nr integer, at timestamptz NOT NULL, metric text)`);
    const columns = ['--column', 'occurredAt=at'];
    expect((await importTable('keyless', '--tenant', 'x', ...columns)).stderr).toContain(
      '--column id=…: the table has no primary key',
    );
    await source.query(`CREATE TABLE uncounted (id serial PRIMARY KEY, at timestamptz NOT NULL)`);
    expect((await importTable('uncounted', '--tenant', 'x', ...columns)).stderr).toContain(
      '--column metricType=… or --set metricType=api_calls',
    );
  });

  it('reports a failed connection without the password', async () => {
    const url = 'postgres://reader:secret-password@127.0.0.1:1/identity';
    const { stderr, exitCode } = await runCli(['import', 'postgres', '--url', url, '--tenant', 'x'], {
      DATABASE_URL: t.database.url,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^agentidp-analytics: --url: cannot connect: .*ECONNREFUSED/);
    expect(stderr).not.toContain('secret-password');
  });
});
