/** Named times in the table `watermarks` that only move forward. Milliseconds. */
import type { Pool, PoolClient } from 'pg';
import { MINUTE } from '../time.js';

/** How long a replica caches a watermark. */
const CACHE_MS = MINUTE;

interface Row {
  name: string;
  at: Date;
}

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

/** A subquery that returns the watermark, or null if it is not set. */
export const watermarkSql = (name: string): string => `(SELECT at FROM watermarks WHERE name = '${name}')`;

/** Moves the watermark forward to `at`. @returns its value, which may be later than `at` */
export async function advanceWatermark(client: Pool | PoolClient, name: string, at: number): Promise<number> {
  const { rows } = await client.query<Row>(
    `INSERT INTO watermarks AS w (name, at) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET at = greatest(w.at, excluded.at) RETURNING at`,
    [name, new Date(at)],
  );
  return rows[0]!.at.getTime();
}

/** Sets a watermark if it is not set yet. @returns its value */
export async function initWatermark(pool: Pool, name: string, at: number): Promise<number> {
  await pool.query('INSERT INTO watermarks (name, at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    name,
    new Date(at),
  ]);
  return (await readWatermark(pool, name)) ?? at;
}

/** A watermark that is read frequently. */
export class CachedWatermark {
  private copy: { at: number; readAt: number } | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly name: string,
  ) {}

  /** -Infinity if it is not set. */
  async read(): Promise<number> {
    if (this.copy === undefined || performance.now() - this.copy.readAt > CACHE_MS) {
      const at = (await readWatermark(this.pool, this.name)) ?? -Infinity;
      this.copy = { at, readAt: performance.now() };
    }
    return this.copy.at;
  }

  forget(): void {
    this.copy = undefined;
  }
}
