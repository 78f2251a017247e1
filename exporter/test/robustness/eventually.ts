import { setTimeout as delay } from 'node:timers/promises';
import pg, { type Pool } from 'pg';

/** The first truthy value that `probe` gives; it may throw meanwhile. Fails with its last failure at the deadline. */
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

/** Statements of that application that wait for a lock; with `text`, those that have it within their first kilobyte. */
export async function waitingForLocks(pool: Pool, applicationName: string, text = ''): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>(
    `SELECT count(*) AS waiting FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'
       AND position($2 IN query) > 0`,
    [applicationName, text],
  );
  return rows[0]!.waiting;
}

/** Waits until there are so many. */
export async function blocked(pool: Pool, applicationName: string, statements = 1): Promise<void> {
  await eventually(
    `${applicationName} waits for a lock`,
    async () => (await waitingForLocks(pool, applicationName)) >= statements,
  );
}

export interface Held {
  /** Within the transaction. */
  query(sql: string): Promise<unknown>;
  /** Rolls it back. */
  release(): Promise<void>;
}

/** Locks that a test holds in transactions of its own, on connections of its own. */
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
