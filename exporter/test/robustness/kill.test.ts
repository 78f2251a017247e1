/** SIGKILL during ingest and a rollup: nothing acknowledged is lost, nothing is counted twice. */
import type { Pool } from 'pg';
import { createPool } from '../../src/db/pool.js';
import { blocked, eventually, HeldLocks } from './eventually.js';
import { embeddedServer, Processes } from './exporter-process.js';
import { Load } from './load.js';

const processes = new Processes();
let pool: Pool | undefined;
let locks: HeldLocks | undefined;

afterEach(async () => {
  await locks?.releaseAll();
  await pool?.end();
  await processes.cleanUp();
});

it.each([
  ['the exporter', ['exporter']],
  ['PostgreSQL', ['postgres']],
  ['both', ['exporter', 'postgres']],
])(
  'loses and duplicates nothing if %s is killed',
  async (_name, victims) => {
    const env = { DATA_DIR: processes.directory() };
    let exporter = await processes.serve(env);
    await exporter.ready();
    const server = embeddedServer(env.DATA_DIR);
    pool = createPool({ url: server.url, applicationName: 'test' });
    const load = new Load(exporter);
    await load.more(10);
    await eventually(
      'the first rollup',
      async () => (await pool!.query('SELECT FROM usage_hours')).rowCount! > 0,
    );

    // The next rollup has taken its marks and replaced its minutes. It waits for the lock in its transaction.
    locks = new HeldLocks(server.url);
    await locks.hold('LOCK TABLE usage_hours IN SHARE MODE');
    await blocked(pool, 'agentidp-analytics');
    await load.more(10);
    if (victims.includes('exporter')) exporter.signal('SIGKILL');
    if (victims.includes('postgres')) process.kill(server.pid, 'SIGKILL');
    if (victims.includes('exporter')) {
      expect(await exporter.ended).toEqual({ code: null, signal: 'SIGKILL' });
      await locks.releaseAll();
      exporter = await processes.serve(env);
      load.exporter = exporter;
    }
    await exporter.ready();
    await load.more(10);
    await load.stop();
    expect(exporter.running).toBe(true);
    await load.verify(pool);
    expect(
      load.answers.filter((answer) => answer !== undefined && ![200, 503].includes(answer.status)),
    ).toEqual([]);
  },
  180_000,
);
