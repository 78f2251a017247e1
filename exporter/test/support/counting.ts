/** Records the statements that a pool sends to the database. */
import type { Pool } from 'pg';

export interface QueryCounter {
  /** The SQL of the statements since the last call. */
  taken(): string[];
}

export function countQueries(pool: Pool): QueryCounter {
  let texts: string[] = [];
  pool.on('acquire', (client) => {
    const { query } = client;
    // Restored when the connection is released, so that each statement is counted once.
    client.query = function (this: typeof client, ...args: unknown[]) {
      const [statement] = args as [string | { text: string }];
      texts.push(typeof statement === 'string' ? statement : statement.text);
      return (query as (...rest: unknown[]) => unknown).apply(this, args);
    } as typeof query;
    pool.once('release', () => {
      client.query = query;
    });
  });
  return {
    taken: () => {
      const taken = texts;
      texts = [];
      return taken;
    },
  };
}

/** Value of a Prometheus series; 0 if it is missing. */
export function seriesOf(text: string, series: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}
