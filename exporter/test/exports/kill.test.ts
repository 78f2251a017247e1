/** SIGKILL of the replica that makes an export: another one begins anew, and nothing of a half file is left. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { blocked, eventually, HeldLocks } from '../robustness/eventually.js';
import { type Exporter, Processes } from '../robustness/exporter-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { execution, step } from '../support/executions.js';
import { unzipped } from './support.js';

const processes = new Processes();
let database: TestDatabase;
let locks: HeldLocks;
beforeAll(async () => {
  database = await createTestDatabase();
  locks = new HeldLocks(database.url);
});
afterAll(async () => {
  await locks.releaseAll();
  await processes.cleanUp();
  await database.drop();
});

interface Job {
  id: string;
  status: string;
  progress: number;
  rows: number;
  download_url: string;
}
const EXPORT = '/api/v1/analytics/export';
const ask = async (exporter: Exporter): Promise<Job> => {
  const body = { datasets: ['executions', 'steps'], format: 'ndjson', period: '7d' };
  return (await exporter.request(EXPORT, { body })).body as Job;
};
const stateOf = async (exporter: Exporter, id: string): Promise<Job> =>
  (await exporter.request(`${EXPORT}/${id}`)).body as Job;
const done = (exporter: Exporter, id: string): Promise<Job> =>
  eventually('done', async () => {
    const job = await stateOf(exporter, id);
    return job.status === 'done' && job;
  });
const fileOf = async ({ download_url }: Job): Promise<Buffer> =>
  Buffer.from(await (await fetch(download_url)).arrayBuffer());

it('ends with the file of an undisturbed export', async () => {
  const env = { DATABASE_URL: database.url, DATA_DIR: processes.directory() };
  const folder = join(env.DATA_DIR, 'exports');
  const first = await (await processes.serve(env)).ready();
  const now = Date.now();
  const executions = Array.from({ length: 1_000 }, (_, i) =>
    execution(i, new Date(now - 3_600_000 - i * 1_000).toISOString(), { steps: [step(1, 'thought')] }),
  );
  expect((await first.request('/api/v1/executions', { body: { executions } })).status).toBe(200);

  // The first dataset is written, the second one cannot be read.
  await locks.hold('LOCK TABLE execution_steps IN ACCESS EXCLUSIVE MODE');
  const { id } = await ask(first);
  await blocked(database.pool, 'agentidp-analytics');
  await eventually('a part', async () => (await readdir(folder)).some((name) => name.endsWith('.part')));
  await first.kill();
  await locks.releaseAll();

  const second = await (await processes.serve(env)).ready();
  expect(await stateOf(second, id)).toMatchObject({ status: 'running', download_url: null });
  // As after a minute without a renewal.
  await database.pool.query('UPDATE export_jobs SET next_attempt_at = now() WHERE id = $1', [id]);
  const job = await done(second, id);
  expect(job).toMatchObject({ progress: 100, rows: 2_000 });
  const undisturbed = await done(second, (await ask(second)).id);
  const names = (await eventually('no part', async () => {
    const listed = await readdir(folder);
    return listed.every((name) => !name.endsWith('.part')) && listed;
  })) as string[];
  expect(names.sort()).toEqual([id, undisturbed.id].sort());
  // The time of the entries is that of the request.
  const [file, other] = [await fileOf(job), await fileOf(undisturbed)];
  expect(file.length).toBe(other.length);
  expect(await unzipped(file)).toEqual(await unzipped(other));
}, 180_000);
