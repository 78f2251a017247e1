/** How far a source has been taken in, kept in `watermarks` under a name of its own. Instants are milliseconds. */
import type { Pool } from 'pg';

export async function readPosition(pool: Pool, name: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ at: Date }>('SELECT at FROM watermarks WHERE name = $1', [name]);
  return rows[0]?.at.getTime();
}

/** Moves the position to `at`, never back. */
export async function advancePosition(pool: Pool, name: string, at: number): Promise<void> {
  await pool.query(
    `INSERT INTO watermarks AS w (name, at) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET at = greatest(w.at, excluded.at)`,
    [name, new Date(at)],
  );
}

/** Sets what is set once: the first caller's value stays, and is what every caller gets. */
export async function fixPosition(pool: Pool, name: string, at: number): Promise<number> {
  await pool.query('INSERT INTO watermarks (name, at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    name,
    new Date(at),
  ]);
  return (await readPosition(pool, name)) ?? at;
}
