/**
 * A server that says nothing more. When its host dies or the network swallows everything, no end of the connection
 * arrives: a statement's own timeout is the server's to keep, and the kernel gives up after a quarter of an hour at best.
 */
import type { Socket } from 'node:net';
import pg from 'pg';

/** Of a server that owes an answer, by default. Longer than a statement may take, and than an end in order waits for one. */
export const SILENCE_MS = 40_000;
const PROBE_MS = 5_000;

/** Finds a host that is gone while it works on a statement: the kernel asks after so long, then ten times, a second apart. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

/** What pg keeps to itself. */
interface Internals {
  connection: { stream: Socket };
  processID: number | null;
  /** Whether the last request has been answered to its end, also in a transaction. */
  readyForQuery: boolean;
}

const internalsOf = (client: pg.Client): Internals => client as unknown as Internals;

const unhurried = new WeakSet<pg.ClientBase>();

/** The client's statements have no timeout: while the server is seen to work on one, its silence says nothing. */
export function letTakeLong(client: pg.ClientBase): void {
  unhurried.add(client);
}

export function hurry(client: pg.ClientBase): void {
  unhurried.delete(client);
}

/**
 * Ends the connection where the server owes an answer and has said nothing for `limitMs`; the statement fails with
 * ETIMEDOUT. Not pg's `query_timeout`: it leaves the client waiting for the old answer, and whoever has it next too.
 * @param client connected
 * @param config what another connection to the same server is made with
 */
export function watchSilence(client: pg.Client, config: pg.ClientConfig, limitMs: number): void {
  const { stream } = internalsOf(client).connection;
  // A socket's timeout counts from its last byte in either direction, so rows that keep coming never meet it.
  stream.setTimeout(limitMs).on('timeout', () => {
    const { readyForQuery, processID } = internalsOf(client);
    if (readyForQuery) return;
    const heard = stream.bytesRead;
    const works = unhurried.has(client) ? seenWorking(processID, config) : Promise.resolve(false);
    void works.then((yes) => {
      if (yes || stream.bytesRead > heard) stream.setTimeout(limitMs);
      else stream.destroy(new SilenceError(limitMs));
    });
  });
}

class SilenceError extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(limitMs: number) {
    super(`the database has said nothing for ${limitMs / 1000} s`);
  }
}

/** Asked on a connection of its own, because the other one may be dead alone, as after a failover to another host. */
async function seenWorking(pid: number | null, config: pg.ClientConfig): Promise<boolean> {
  const probe = new pg.Client({ ...config, connectionTimeoutMillis: PROBE_MS, query_timeout: PROBE_MS });
  probe.on('error', () => undefined); // the query rejects with it as well
  try {
    await probe.connect();
    // Behind a pooler such as PgBouncer no client knows its server process: that one answers has to do.
    const { rows } = await probe.query<{ works: boolean }>(
      `SELECT pg_backend_pid() <> $1 OR EXISTS (
         SELECT FROM pg_stat_activity WHERE pid = $2 AND state NOT LIKE 'idle%') AS works`,
      [internalsOf(probe).processID, pid],
    );
    return rows[0]?.works === true;
  } catch (error) {
    // The server's own words, such as that it has no connection left: it lives.
    return error instanceof pg.DatabaseError;
  } finally {
    void probe.end().catch(() => undefined);
  }
}
