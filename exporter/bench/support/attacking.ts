/** A process that attacks, so that the reads of the neighbour are measured by one that has nothing else to do. */
import { setMaxListeners } from 'node:events';
import { createPool } from '../../src/db/pool.js';
import { attack, ATTACKS } from './attacks.js';

/** The first message; the second one begins the attack, and the third one ends it. */
export interface Orders {
  name: string;
  url: string;
  authorization: string;
  tenant: string;
  databaseUrl: string;
}

/** Answered when it is prepared, and with how often each status came when it has ended. */
export type AttackReport = { ready: true } | { statuses: [number, number][] };

const ending = new AbortController();
setMaxListeners(0, ending.signal);

process.once('message', ({ databaseUrl, name, ...orders }: Orders) => {
  const kind = ATTACKS.find((one) => one.name === name)!;
  const pool = createPool({ url: databaseUrl, max: 1 });
  const attacker = { ...orders, database: { pool }, signal: ending.signal };
  const report = (what: AttackReport): void => void process.send?.(what);
  const run = async (): Promise<void> => {
    await kind.prepare?.(attacker);
    await pool.end();
    const begun = new Promise((resolve) => process.once('message', resolve));
    report({ ready: true });
    await begun;
    process.once('message', () => ending.abort());
    report({ statuses: [...(await attack(kind, attacker))] });
  };
  run().catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});
// Never outlives the bench.
process.once('disconnect', () => process.exit());
