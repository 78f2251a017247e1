/**
 * Detects a server that no longer responds. If its host dies or the network drops all packets, the connection is never
 * closed. The server cannot enforce the statement timeout then, and the kernel gives up after 15 minutes at the earliest.
 */
import type { Socket } from 'node:net';
import pg from 'pg';

/** Default limit. Longer than the statement timeout, and than the time limit of a graceful shutdown. */
export const SILENCE_MS = 40_000;
const PROBE_MS = 5_000;

/** TCP keep-alive detects a dead host during a long statement: after this delay, the kernel sends up to ten probes, one per second. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

/** Private fields of pg's client. */
interface Internals {
  connection: { stream: Socket };
  processID: number | null;
  /** Whether the last query is complete, including within a transaction. */
  readyForQuery: boolean;
}

const internalsOf = (client: pg.Client): Internals => client as unknown as Internals;

const unlimited = new WeakSet<pg.ClientBase>();

/** For a client without statement timeout: silence is accepted as long as the server is known to work on the statement. */
export function letTakeLong(client: pg.ClientBase): void {
  unlimited.add(client);
}

/** Ends `letTakeLong`. */
export function limitAgain(client: pg.ClientBase): void {
  unlimited.delete(client);
}

/**
 * Closes the connection if the server sends nothing for `limitMs` during a statement, which then fails with ETIMEDOUT. pg's
 * `query_timeout` is not suitable, because the client would still wait for the old result when it is used again.
 * @param client a connected client
 * @param config for another connection to the same server
 */
export function watchSilence(client: pg.Client, config: pg.ClientConfig, limitMs: number): void {
  const { stream } = internalsOf(client).connection;
  // A socket's timeout restarts with every byte in either direction, so it never fires while rows arrive.
  stream.setTimeout(limitMs).on('timeout', () => {
    const { readyForQuery, processID } = internalsOf(client);
    if (readyForQuery) return;
    const received = stream.bytesRead;
    const working = unlimited.has(client) ? isServerWorking(processID, config) : Promise.resolve(false);
    void working.then((yes) => {
      if (yes || stream.bytesRead > received) stream.setTimeout(limitMs);
      else stream.destroy(new SilenceError(limitMs));
    });
  });
}

class SilenceError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(limitMs: number) {
    super(`the database has not responded for ${limitMs / 1000} s`);
  }
}

/** Uses a new connection, because only the old one may be dead, for example after a failover. */
async function isServerWorking(pid: number | null, config: pg.ClientConfig): Promise<boolean> {
  const probe = new pg.Client({ ...config, connectionTimeoutMillis: PROBE_MS, query_timeout: PROBE_MS });
  probe.on('error', () => undefined); // the query rejects with the same error
  try {
    await probe.connect();
    // Behind a pooler such as PgBouncer, process ids do not match. There, a response at all is sufficient.
    const { rows } = await probe.query<{ works: boolean }>(
      `SELECT pg_backend_pid() <> $1 OR EXISTS (
         SELECT FROM pg_stat_activity WHERE pid = $2 AND state NOT LIKE 'idle%') AS works`,
      [internalsOf(probe).processID, pid],
    );
    return rows[0]?.works === true;
  } catch (error) {
    // An error from the server, such as too many connections, shows that it is alive.
    return error instanceof pg.DatabaseError;
  } finally {
    void probe.end().catch(() => undefined);
  }
}
