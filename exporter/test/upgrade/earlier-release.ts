/** A database as an earlier release has left it, and a replica of that release that still runs on it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { Partitions } from '../../src/ingest/partitions.js';
import { createEmptyDatabase, migrateUpTo, type TestDatabase } from '../support/database.js';
import { decode, type Recorded, type RecordedStatement } from './recording.js';

const RECORDED = new URL('recorded/', import.meta.url);

/** Versions whose data and statements are recorded. */
export const releases = (): string[] => readdirSync(RECORDED).map((name) => path.basename(name, '.json.gz'));

export const readRecorded = (version: string): Recorded =>
  JSON.parse(gunzipSync(readFileSync(new URL(`${version}.json.gz`, RECORDED))).toString()) as Recorded;

/** The schema and the rows of the release, before any migration of a later one. */
export async function restore({ schemaVersion, tables }: Recorded): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  await migrateUpTo(database.pool, schemaVersion);
  const events = tables.find(({ name }) => name === 'usage_events')?.rows ?? [];
  const times = events.map((row) => Date.parse((JSON.parse(row) as { occurred_at: string }).occurred_at));
  await new Partitions(database.pool).ensure(times);
  // Tables that others refer to come first.
  const inOrder = [...tables].sort((a, b) => Number(b.name === 'tenants') - Number(a.name === 'tenants'));
  for (const { name, columns, rows } of inOrder) {
    const list = columns.map((column) => `"${column}"`).join(', ');
    await database.pool.query(
      `INSERT INTO ${name} (${list}) SELECT ${list} FROM json_populate_recordset(NULL::${name}, $1::json)`,
      [`[${rows.join(',')}]`],
    );
  }
  return database;
}

/**
 * Sends what the replica sent: the same statements with the same parameters, each on its own connection.
 * @throws when a statement fails that did not fail before, or the reverse
 */
export async function replay(url: string, statements: readonly RecordedStatement[]): Promise<void> {
  const clients = new Map<number, pg.Client>();
  try {
    for (const { connection, text, values, error } of statements) {
      let client = clients.get(connection);
      if (client === undefined) {
        client = new pg.Client({ connectionString: url });
        clients.set(connection, client);
        await client.connect();
        await client.query(`SET timezone = 'UTC'`);
      }
      const outcome = await client.query(text, values.map(decode)).then(
        () => undefined,
        (failure: pg.DatabaseError) => failure,
      );
      if (outcome?.code !== error) throw outcome ?? new Error(`answered, and ${error} before: ${text}`);
    }
  } finally {
    await Promise.all([...clients.values()].map((client) => client.end()));
  }
}
