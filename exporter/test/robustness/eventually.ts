import { setTimeout as delay } from 'node:timers/promises';
import pg, { type Pool } from 'pg';

/** Returns the first truthy value of `probe`, which may throw until then. Throws at the deadline. */
export async function eventually<T>(
  what: string,
  probe: () => T | false | undefined | Promise<T | false | undefined>,
  withinMs = 40_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (let failure: unknown; ; await delay(20)) {
    try {
      const value = await probe();
      if (value) return value;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`, { cause: failure });
  }
}

/** Number of statements of an application that wait for a lock and contain `text` in their first kilobyte. */
export async function waitingForLocks(pool: Pool, applicationName: string, text = ''): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>(
    `SELECT count(*) AS waiting FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'
       AND position($2 IN query) > 0`,
    [applicationName, text],
  );
  return rows[0]!.waiting;
}

/** Waits until at least that many statements wait for a lock. */
export async function blocked(pool: Pool, applicationName: string, statements = 1): Promise<void> {
  await eventually(
    `${applicationName} waits for a lock`,
    async () => (await waitingForLocks(pool, applicationName)) >= statements,
  );
}

export interface Held {
  /** Runs SQL in the same transaction. */
  query(sql: string): Promise<unknown>;
  /** Rolls the transaction back. */
  release(): Promise<void>;
}

/** Locks that a test holds, each in a transaction on its own connection. */
export class HeldLocks {
  private readonly clients = new Set<pg.Client>();

  constructor(private readonly url: string) {}

  /** Runs SQL in a transaction that stays open. */
  async hold(sql: string): Promise<Held> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined);
    this.clients.add(client);
    await client.connect();
    await client.query(`BEGIN; ${sql}`);
    return { query: (more) => client.query(more), release: () => this.end(client) };
  }

  async releaseAll(): Promise<void> {
    for (const client of this.clients) await this.end(client);
  }

  private async end(client: pg.Client): Promise<void> {
    if (this.clients.delete(client)) await client.end();
  }
}
