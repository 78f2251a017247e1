import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';
import pg from 'pg';
import { errorCode } from '../errors.js';
import { hurry, KEEP_ALIVE, letTakeLong, SILENCE_MS, watchSilence } from './silence.js';
import { typeParsers } from './types.js';

export interface PoolOptions {
  url: string;
  /** Connections at most; default 10. */
  max?: number;
  /** A statement that runs longer is cancelled by the server (SQLSTATE 57014); 0 is never. Default 30,000. */
  statementTimeoutMs?: number;
  /** A transaction that asks for nothing so long is ended by the server: its process hangs, and others wait for its locks. Default 60,000. */
  idleInTransactionMs?: number;
  /** A server that owes an answer and has said nothing for so long is taken for gone; by default longer than a statement may take. */
  silenceMs?: number;
  /** How long a caller waits for a connection before `isUnavailable` errors; default 5,000. */
  connectionTimeoutMs?: number;
  /** As `pg_stat_activity` shows it. */
  applicationName?: string;
  /** Told of connections that broke, idle or in use. The pool replaces them by itself. */
  onError?: (error: Error) => void;
}

const STATEMENT_TIMEOUT_MS = 30_000;
/** For the server's own word that a statement took too long. */
const GRACE_MS = 10_000;

/** Settings of every connection, behind those that the URL itself brings: the last one wins. */
function startupOptions({
  url,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
  idleInTransactionMs = 60_000,
}: PoolOptions): string {
  const given = URL.canParse(url) ? new URL(url).searchParams.get('options') : null;
  const settings = {
    timezone: 'UTC',
    statement_timeout: Math.trunc(statementTimeoutMs),
    idle_in_transaction_session_timeout: Math.trunc(idleInTransactionMs),
  };
  const own = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return [...(given ? [given] : []), ...own].join(' ');
}

function withoutOptions(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (!parsed.searchParams.has('options')) return url;
  parsed.searchParams.delete('options'); // a value in the URL would replace the merged one
  return parsed.toString();
}

/** A pool whose rows have safe types (see `typeParsers`) and whose broken connections never end the process. */
export function createPool(options: PoolOptions): pg.Pool {
  const { connectionTimeoutMs = 5_000, onError = () => undefined } = options;
  const { statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const { silenceMs = Math.max(SILENCE_MS, statementTimeoutMs + GRACE_MS) } = options;
  const pool = new pg.Pool({
    connectionString: withoutOptions(options.url),
    max: options.max ?? 10,
    connectionTimeoutMillis: connectionTimeoutMs,
    idleTimeoutMillis: 30_000,
    ...KEEP_ALIVE,
    application_name: options.applicationName ?? 'agentidp-analytics',
    options: startupOptions(options),
    types: typeParsers,
  });
  // The pool listens to its clients only while they are idle; without a listener of its own, a client
  // in use whose server goes away would end the process.
  pool.on('connect', (client) => {
    client.once('error', onError);
    client.on('error', () => undefined); // what the server said is followed by the end of its connection
    watchSilence(client, pool.options, silenceMs);
    if (statementTimeoutMs === 0) letTakeLong(client);
  });
  // What was agreed for one transaction does not hold for the next user.
  if (statementTimeoutMs > 0) pool.on('release', (_error, client) => hurry(client));
  pool.on('error', () => undefined); // the same error, from an idle client: told already
  return pool;
}

/** Runs `work` on one connection. A connection that broke is not given back to the pool. */
export async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(isUnavailable(error));
    throw error;
  }
}

/**
 * Runs `work` in a transaction: committed when it returns, rolled back when it throws.
 * @param first statements without parameters that travel with the BEGIN; `work` gets the result of the last
 * @throws also when `work` hid the failure of a statement: COMMIT would silently roll back
 */
export async function withTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, last: pg.QueryResult) => Promise<T>,
  first: readonly string[] = [],
): Promise<T> {
  const client = await pool.connect();
  try {
    // Of several statements pg answers a list of results.
    const begun: unknown = await client.query(['BEGIN', ...first].join('; '));
    const result = await work(client, (Array.isArray(begun) ? begun.at(-1) : begun) as pg.QueryResult);
    const { command } = await client.query('COMMIT');
    if (command === 'ROLLBACK') throw new Error('the transaction had failed before its commit');
    client.release();
    return result;
  } catch (error) {
    const rolledBack = await client.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    client.release(!rolledBack);
    throw error;
  }
}

const UNAVAILABLE_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENOENT'], // ENOENT: of a unix socket
  ...['57P01', '57P02', '57P03'], // shutdown, crash of another backend, starting up
  ...['25006', '25P03'], // read-only, as a standby is after a failover; a transaction that was idle for too long
]);

/** Errors of pg and its pool that carry no code. */
const UNAVAILABLE_MESSAGE =
  /^(timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Connection ended unexpectedly)/;

/** Whether the database could not be reached or went away: worth a 503 and trying again, not a fault of the request. */
export function isUnavailable(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const code = errorCode(error);
  // ENOENT also is what a missing file says: only that of a connection counts.
  if (code === 'ENOENT') return (error as NodeJS.ErrnoException).syscall === 'connect';
  // Classes 08 and 53: the connection failed; the server is out of disk, memory or connections.
  if (code !== undefined && (UNAVAILABLE_CODES.has(code) || /^(08|53)\w{3}$/.test(code))) return true;
  if (UNAVAILABLE_MESSAGE.test(error.message)) return true;
  const { errors } = error as Partial<AggregateError>; // one for each address of the host
  return Array.isArray(errors) && errors.some(isUnavailable);
}

/** Whether the server cancelled the statement because it took too long: as a rule it waited for a lock. */
export function isStatementTimeout(error: unknown): boolean {
  return errorCode(error) === '57014';
}

const DEADLOCK_OR_SERIALIZATION = ['40P01', '40001'];

export interface RetryOptions {
  /** Tries in all; default 3. */
  attempts?: number;
  /** Before the second try; doubled for each further one, and spread by up to half. Default 20. */
  delayMs?: number;
}

/** Runs `work` again where the server chose its transaction as the victim of a deadlock or a conflict. */
export async function retryTransient<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = 3, delayMs = 20 } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !DEADLOCK_OR_SERIALIZATION.includes(errorCode(error) ?? '')) throw error;
      await delay(delayMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}
