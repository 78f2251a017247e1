/** A pool over an embedded PostgreSQL that is killed and started again. */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { findProcess, startEmbeddedPostgres, type EmbeddedPostgres } from 'agentidp-analytics-embedded';
import { createPool, isUnavailable } from '../../src/db/pool.js';
import { makeTestDirectory } from '../support/server.js';

let dataDir: string;
let server: EmbeddedPostgres;
beforeAll(async () => {
  dataDir = makeTestDirectory();
  server = await startEmbeddedPostgres({ dataDir, fsync: false });
});
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

it('fails only as unavailable and then recovers by itself', async () => {
  const pool = createPool({ url: server.url, max: 2 });
  await pool.query('CREATE TABLE kept AS SELECT 42 AS answer');
  const killed = server.pid;
  const running = pool.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
  await delay(200);
  process.kill(killed, 'SIGKILL');
  const failures: unknown[] = [];
  let answer: unknown;
  for (const deadline = Date.now() + 20_000; !answer && Date.now() < deadline; await delay(20)) {
    answer = await pool.query('SELECT answer FROM kept').then(
      ({ rows }) => (findProcess(killed) ? undefined : (rows[0] as unknown)),
      (error: unknown) => void failures.push(error),
    );
  }
  expect(answer).toEqual({ answer: 42 });
  expect(failures.filter((error) => !isUnavailable(error))).toEqual([]);
  expect(isUnavailable(await running)).toBe(true);
  await pool.end();
});
