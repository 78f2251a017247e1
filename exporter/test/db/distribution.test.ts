/** Compares the distributed tables in docs/scaling.md with the schema. A missing table would stay on one node. */
import { readFile } from 'node:fs/promises';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

interface Table {
  name: string;
  columns: string[];
  /** The first columns of its primary key and unique indexes. */
  keys: string[];
}

async function tables(): Promise<Table[]> {
  const { rows } = await database.pool.query<Table>(`
    SELECT c.relname AS name,
      ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
      ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = c.oid AND i.indisunique) AS keys
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY 1`);
  return rows;
}

const named = async (): Promise<string[]> => {
  const text = await readFile(new URL('../../../docs/scaling.md', import.meta.url), 'utf8');
  const [, list] = /unnest\(ARRAY\[([^\]]+)\]\)/.exec(text)!;
  return [...list!.matchAll(/'(\w+)'/g)].map(([, name]) => name!).sort();
};

it('includes every table with tenant data', async () => {
  const ofTenants = (await tables()).filter(({ columns }) => columns.includes('tenant_id'));
  expect(await named()).toEqual(ofTenants.map(({ name }) => name));
});

it('has the tenant as the first column of every key', async () => {
  const distributed = await named();
  const keys = (await tables())
    .filter(({ name }) => distributed.includes(name))
    .flatMap((table) => table.keys);
  expect(new Set(keys)).toEqual(new Set(['tenant_id']));
});
