/**
 * How far a table has been imported, and under which mapping. One that is imported under another mapping is read anew, so
 * that what its rows became before is replaced.
 */
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { withTransaction } from '../db/pool.js';
import { advanceWatermark } from '../db/watermarks.js';

export class ImportPosition {
  private constructor(
    private readonly pool: Pool,
    private readonly source: string,
    private readonly name: string,
    /** Time of the last imported row, in milliseconds; undefined: none is. */
    readonly last: number | undefined,
    /** Whether rows may have been imported under another mapping. */
    readonly isOther: boolean,
  ) {}

  /** @param mapping what decides which event a row becomes */
  static async open(pool: Pool, source: string, mapping: unknown): Promise<ImportPosition> {
    const hash = createHash('sha256').update(JSON.stringify(mapping)).digest('hex').slice(0, 16);
    const name = `${source}#${hash}`;
    const { rows } = await pool.query<{ name: string; at: Date }>(
      `SELECT name, at FROM watermarks WHERE name = $1 OR starts_with(name, $1 || '#')`,
      [source],
    );
    const known = new Map(rows.map((row) => [row.name, row.at.getTime()]));
    // An earlier release left its position without a mapping.
    const earlier = known.get(source);
    known.delete(source);
    const isOther = [...known.keys()].some((other) => other !== name);
    const last = isOther ? undefined : (known.get(name) ?? earlier);
    // From here on it is known that rows may have been imported under this mapping, whether or not it comes to the end.
    await advanceWatermark(pool, name, last ?? 0);
    return new ImportPosition(pool, source, name, last === 0 ? undefined : last, isOther);
  }

  /** Stores how far the import has come. Under another mapping than before it has to reach the end first. */
  async record(until: number): Promise<void> {
    if (!this.isOther) await advanceWatermark(this.pool, this.name, until);
  }

  /** Stores that the import has come to the end. */
  async finish(until: number | undefined): Promise<void> {
    await withTransaction(this.pool, async (client) => {
      await client.query(`DELETE FROM watermarks WHERE starts_with(name, $1 || '#') AND name <> $2`, [
        this.source,
        this.name,
      ]);
      if (until !== undefined) await advanceWatermark(client, this.name, until);
    });
  }
}
