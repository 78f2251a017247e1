/** The tables of columns, held against the migrated database: what follows from them is valid, and nothing is left out. */
import { type Columns, columnsWith, type FactTable, isNullable, isStored } from '../../src/facts/column.js';
import { EVENT } from '../../src/facts/event/columns.js';
import { EXECUTION } from '../../src/facts/execution/columns.js';
import { storedSql } from '../../src/facts/record.js';
import { RESERVATION } from '../../src/facts/reservation/columns.js';
import { exportNames, exportSql, shownSql } from '../../src/facts/shown.js';
import { insertSql, updateSql, writtenColumns } from '../../src/facts/statements.js';
import { STEP } from '../../src/facts/step/columns.js';
import { USAGE } from '../../src/facts/usage/columns.js';
import { listedNull, sentProperties, shownProperties, strict } from '../../src/facts/wire.js';
import { typedChecks } from '../../src/schema-check.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Columns that no release reads. */
const UNREAD: Record<string, string[]> = { usage_events: ['date'] };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface StoredColumn {
  name: string;
  type: string;
  nullable: boolean;
}

async function columnsOf(table: string): Promise<StoredColumn[]> {
  const { rows } = await database.pool.query<StoredColumn>(
    `SELECT attname AS name, NOT attnotnull AS nullable,
            replace(format_type(atttypid, atttypmod), 'timestamp with time zone', 'timestamptz') AS type
     FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  const known = ['tenant_id', ...(UNREAD[table] ?? [])];
  return rows.filter(({ name }) => !known.includes(name));
}

const byName = (columns: readonly StoredColumn[]): StoredColumn[] =>
  [...columns].sort((a, b) => (a.name < b.name ? -1 : 1));

const TABLES: readonly FactTable<Columns>[] = [EVENT, EXECUTION, STEP, USAGE, RESERVATION];

describe.each(TABLES.map((table) => [table.name, table] as const))('%s', (name, table) => {
  it('has the columns that are declared, with their types', async () => {
    const declared = table.all.filter(isStored).map((column) => ({
      name: column.column,
      type: column.type.sql,
      nullable: isNullable(column),
    }));
    expect(byName(declared)).toEqual(byName(await columnsOf(name)));
  });

  it('writes every column that has no value by itself', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull AND NOT atthasdef`,
      [name],
    );
    const written = ['tenant_id', ...writtenColumns(table).map(({ column }) => column)];
    expect(written).toEqual(expect.arrayContaining(rows.map((row) => row.name)));
  });

  it('has statements that the database takes', async () => {
    const names = table.all.filter(isStored).map(({ key }) => key) as never[];
    const values = ['acme', ...writtenColumns(table).map(({ type }) => type.array([]))];
    await database.pool.query(insertSql(table), values);
    for (const selected of [shownSql(table, 'r'), exportSql(table, 'r'), storedSql(table, ...names)]) {
      await database.pool.query(`SELECT ${selected || '1'} FROM ${name} r WHERE r.tenant_id = $1`, ['acme']);
    }
  });

  it('has schemas, and a place of its own for each exported column', () => {
    typedChecks.compile(strict(sentProperties(table, listedNull)));
    typedChecks.compile(strict(shownProperties(table)));
    for (const facet of ['accepted', 'shown', 'exported', 'filter'] as const) {
      const names = columnsWith(table, facet).map(({ wire }) => wire);
      expect(names).toEqual([...new Set(names)]);
    }
  });
});

it('executions are changed in place by a statement that the database takes', async () => {
  const values = ['acme', ...writtenColumns(EXECUTION).map(({ type }) => type.array([]))];
  await database.pool.query(updateSql(EXECUTION), values);
});

it('exports have their columns in an order that never changes', () => {
  expect(exportNames(EXECUTION).slice(0, 28)).toEqual([
    ...['id', 'started_at', 'completed_at', 'status', 'agent_id', 'agent_name', 'agent_type', 'flow_id'],
    ...['user_id', 'session_id', 'request_id', 'provider', 'model_name', 'execution_time_ms', 'llm_time_ms'],
    ...['input_tokens', 'output_tokens', 'total_tokens', 'cached_input_tokens', 'cache_write_tokens'],
    ...['reasoning_tokens', 'cost_usd', 'cost_source', 'step_count', 'error_type', 'error_message'],
    ...['query_preview', 'tags'],
  ]);
  expect(exportNames(STEP).at(-1)).toBe('content');
});
