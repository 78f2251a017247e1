/** Counts what reaches the database through a pool. */
import type { Pool } from 'pg';

export interface QueryCounter {
  /** Texts of the statements since the last call. */
  taken(): string[];
}

export function countQueries(pool: Pool): QueryCounter {
  let texts: string[] = [];
  pool.on('acquire', (client) => {
    const { query } = client;
    // Until the connection goes back, so that each statement is counted once.
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

/** Value of a Prometheus series, 0 where it is not there. */
export function seriesOf(text: string, series: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}
