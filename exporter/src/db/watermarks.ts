/** Instants that only move forward, kept in `watermarks`, each under a name of its own. Milliseconds. */
import type { Pool, PoolClient } from 'pg';
import { MINUTE } from '../time.js';

/** How long a replica trusts its copy of one. */
const TRUST_MS = MINUTE;

interface Row {
  name: string;
  at: Date;
}

/** By name. */
export async function readWatermarks(
  client: Pool | PoolClient,
  names: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<Row>('SELECT name, at FROM watermarks WHERE name = ANY ($1::text[])', [
    names,
  ]);
  return new Map(rows.map(({ name, at }) => [name, at.getTime()]));
}

export async function readWatermark(client: Pool | PoolClient, name: string): Promise<number | undefined> {
  return (await readWatermarks(client, [name])).get(name);
}

/** As part of a statement; null where it is not set. */
export const watermarkSql = (name: string): string => `(SELECT at FROM watermarks WHERE name = '${name}')`;

/** Moves it to `at`, never back. @returns where it is now */
export async function advanceWatermark(client: Pool | PoolClient, name: string, at: number): Promise<number> {
  const { rows } = await client.query<Row>(
    `INSERT INTO watermarks AS w (name, at) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET at = greatest(w.at, excluded.at) RETURNING at`,
    [name, new Date(at)],
  );
  return rows[0]!.at.getTime();
}

/** Sets one that is set once: the first caller's value stays, and is what every caller gets. */
export async function fixWatermark(pool: Pool, name: string, at: number): Promise<number> {
  await pool.query('INSERT INTO watermarks (name, at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    name,
    new Date(at),
  ]);
  return (await readWatermark(pool, name)) ?? at;
}

/** One that is asked for all the time. */
export class CachedWatermark {
  private copy: { at: number; readAt: number } | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly name: string,
  ) {}

  /** -Infinity while it is not set. */
  async read(): Promise<number> {
    if (this.copy === undefined || performance.now() - this.copy.readAt > TRUST_MS) {
      const at = (await readWatermark(this.pool, this.name)) ?? -Infinity;
      this.copy = { at, readAt: performance.now() };
    }
    return this.copy.at;
  }

  forget(): void {
    this.copy = undefined;
  }
}
