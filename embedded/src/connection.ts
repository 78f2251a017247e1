/** Connects to a server to see whether it is ready. */
import pg from 'pg';
import { SUPERUSER } from './cluster.js';
import { errorCode, errorMessage } from './errors.js';

export interface ConnectionTarget {
  cluster: string;
  password: string;
  /** The database to use; created if it does not exist. */
  database: string;
}

export function connectionString(password: string, port: number, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

async function withConnection<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // the query in flight rejects with the same error
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function ensureDatabase(client: pg.Client, database: string): Promise<void> {
  const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  if (found.rowCount) return;
  await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`).catch((error: unknown) => {
    // Another process has just created it: 42P04 duplicate_database, or 23505 from the catalog's unique index.
    if (!['42P04', '23505'].includes(errorCode(error) ?? '')) throw error;
  });
}

/**
 * Whether the connection failed, rather than a statement: the server is starting, stopping, gone, or out of connections.
 * SQLSTATE classes 08 and 53, the shutdown codes of 57P, and the socket's own errors.
 */
function isDisconnected(error: unknown): boolean {
  return (
    /^(?:(?:08|53)\w{3}|57P0[123]|E[A-Z]+)$/.test(errorCode(error) ?? '') ||
    /^(?:Connection terminated|timeout expired|Client was closed)/.test(errorMessage(error))
  );
}

const INVALID_PASSWORD = '28P01';

export type ServerState = 'ready' | 'not ready' | 'foreign';

/** `ready`: it responds and the database exists. `foreign`: a server of another cluster listens on that port. */
export async function probe(target: ConnectionTarget, port: number): Promise<ServerState> {
  try {
    return await withConnection(connectionString(target.password, port, 'postgres'), async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      if (rows[0]?.data_directory !== target.cluster) return 'foreign';
      await ensureDatabase(client, target.database);
      return 'ready';
    });
  } catch (error) {
    if (errorCode(error) === INVALID_PASSWORD) return 'foreign';
    if (isDisconnected(error)) return 'not ready';
    throw error;
  }
}
