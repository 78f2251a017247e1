import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';
import pg from 'pg';
import { errorCode } from '../errors.js';
import { KEEP_ALIVE, letTakeLong, limitAgain, SILENCE_MS, watchSilence } from './silence.js';
import { typeParsers } from './types.js';

export interface PoolOptions {
  url: string;
  /** Maximum number of connections; default 10. */
  max?: number;
  /** The server cancels statements that run longer (SQLSTATE 57014); 0 is unlimited. Default 30,000. */
  statementTimeoutMs?: number;
  /** The server terminates transactions that are idle for longer, because others may wait for their locks. Default 60,000. */
  idleInTransactionMs?: number;
  /** Closes a connection whose server sends nothing for this long during a statement. Default: longer than the statement timeout. */
  silenceMs?: number;
  /** How long a caller waits for a connection before it fails with an `isUnavailable` error; default 5,000. */
  connectionTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. */
  applicationName?: string;
  /** Called when a connection is lost, idle or in use. The pool replaces it. */
  onError?: (error: Error) => void;
}

export const DEFAULT_POOL_SIZE = 10;
export const STATEMENT_TIMEOUT_MS = 30_000;
/** Time for the server to report that a statement timed out. */
const GRACE_MS = 10_000;

/** Settings of every connection. They follow the options of the URL, because the last one wins. */
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
  parsed.searchParams.delete('options'); // options in the URL would replace the merged ones
  return parsed.toString();
}

/** Creates a pool whose rows have safe types (see `typeParsers`). Lost connections never crash the process. */
export function createPool(options: PoolOptions): pg.Pool {
  const { connectionTimeoutMs = 5_000, onError = () => undefined } = options;
  const { statementTimeoutMs = STATEMENT_TIMEOUT_MS } = options;
  const { silenceMs = Math.max(SILENCE_MS, statementTimeoutMs + GRACE_MS) } = options;
  const pool = new pg.Pool({
    connectionString: withoutOptions(options.url),
    max: options.max ?? DEFAULT_POOL_SIZE,
    connectionTimeoutMillis: connectionTimeoutMs,
    idleTimeoutMillis: 30_000,
    ...KEEP_ALIVE,
    application_name: options.applicationName ?? 'agentidp-analytics',
    options: startupOptions(options),
    types: typeParsers,
  });
  // The pool only handles errors of idle clients. Without this listener, a client in use that loses its connection would
  // crash the process.
  pool.on('connect', (client) => {
    client.once('error', onError);
    client.on('error', () => undefined); // the first error is followed by a second one when the connection ends
    watchSilence(client, pool.options, silenceMs);
    if (statementTimeoutMs === 0) letTakeLong(client);
  });
  // Long statements are allowed for one transaction only.
  if (statementTimeoutMs > 0) pool.on('release', (_error, client) => limitAgain(client));
  pool.on('error', () => undefined); // the listener above has already reported it
  return pool;
}

/** Runs `work` on one connection. A lost connection is not returned to the pool. */
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
 * Runs `work` in a transaction, which is committed if `work` returns and rolled back if it throws.
 * @param first statements without parameters that are sent together with BEGIN; `work` receives the result of the last one
 * @throws also if `work` swallowed the error of a statement, because COMMIT then rolls back silently
 */
export async function withTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, last: pg.QueryResult) => Promise<T>,
  first: readonly string[] = [],
): Promise<T> {
  const client = await pool.connect();
  try {
    // For several statements, pg returns an array of results.
    const begun: unknown = await client.query(['BEGIN', ...first].join('; '));
    const result = await work(client, (Array.isArray(begun) ? begun.at(-1) : begun) as pg.QueryResult);
    const { command } = await client.query('COMMIT');
    if (command === 'ROLLBACK') throw new Error('the transaction failed before its commit');
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
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ENOENT'], // ENOENT: a unix socket that does not exist
  ...['57P01', '57P02', '57P03'], // shutdown, crash of another backend, starting up
  ...['25006', '25P03'], // read-only, such as a standby after a failover; transaction idle for too long
]);

/** Errors of pg and its pool that have no code. */
const UNAVAILABLE_MESSAGE =
  /^(timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Connection ended unexpectedly)/;

/** Whether the database is unreachable or the connection was lost. The request is not at fault: respond 503, so that it is retried. */
export function isUnavailable(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const code = errorCode(error);
  // ENOENT is also the code of a missing file; only a failed connection counts.
  if (code === 'ENOENT') return (error as NodeJS.ErrnoException).syscall === 'connect';
  // Class 08 is a connection failure; class 53 means that the server is out of disk, memory or connections.
  if (code !== undefined && (UNAVAILABLE_CODES.has(code) || /^(08|53)\w{3}$/.test(code))) return true;
  if (UNAVAILABLE_MESSAGE.test(error.message)) return true;
  const { errors } = error as Partial<AggregateError>; // one per address of the host
  return Array.isArray(errors) && errors.some(isUnavailable);
}

/**
 * Whether all connections of the pool were in use for too long. The database may be unreachable too, since connections
 * that are being opened count as in use.
 */
export function isPoolExhausted(error: unknown): boolean {
  return types.isNativeError(error) && error.message === 'timeout exceeded when trying to connect';
}

/** Whether the server cancelled the statement because it took too long, usually while waiting for a lock. */
export function isStatementTimeout(error: unknown): boolean {
  return errorCode(error) === '57014';
}

const DEADLOCK_OR_SERIALIZATION = ['40P01', '40001'];

export interface RetryOptions {
  /** Total number of attempts; default 3. */
  attempts?: number;
  /** Delay before the second attempt. It doubles with each further attempt, with 50 % jitter. Default 20. */
  delayMs?: number;
}

/** Runs `work`, and repeats it after a deadlock or a serialization failure. */
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
