/** What happens to exports that cannot be made, and how many there may be. */
import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadPool } from '../../src/db/read-shares.js';
import { FolderStorage } from '../../src/exports/folder.js';
import { newLinkKey } from '../../src/exports/link.js';
import { ExportRunner } from '../../src/exports/runner.js';
import type { ExportStorage } from '../../src/exports/storage.js';
import { BOUNDS, ExportTable } from '../../src/exports/table.js';
import { uuidv7 } from '../../src/ids.js';
import { eventually } from '../robustness/eventually.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';
import { recordingLog } from '../support/log.js';
import { exported } from './support.js';

let t: TestApp;
let table: ExportTable;
beforeAll(async () => {
  t = await testApp();
  table = new ExportTable(t.pool);
  const executions = [execution(1, '2026-03-18T09:00:00Z'), execution(2, '2026-03-18T10:00:00Z')];
  expect((await t.post('/api/v1/executions', { executions }, 'acme')).json<Json>().accepted).toBe(2);
}, 600_000);
afterAll(() => t.close());

const folder = (): string => join(t.config.dataDir, 'exports');
const filesHere = (): Promise<string[]> => readdir(folder()).catch(() => []);

const runnerOf = (storage: ExportStorage, claimMs?: number): ExportRunner =>
  new ExportRunner({
    ...{ pool: t.pool, table, storage, claimMs, linkHours: 24, sessionIdleMinutes: 30 },
    now: () => t.clock.now,
    log: recordingLog(),
  });

/** A job that no runner knows of yet. */
async function queued(tenantId: string): Promise<string> {
  const id = uuidv7();
  const day = Date.parse('2026-03-18T00:00:00Z');
  const request = {
    ...{ datasets: ['executions'] as const, metrics: [], filters: {}, format: 'csv' as const },
    range: { from: day, to: day + 86_400_000 },
  };
  await table.insert({ tenantId, id, request, linkKey: newLinkKey(), createdAt: new Date(t.clock.now) });
  return id;
}

it('a full disk is a failed export with its reason, and no file is left', async () => {
  const runner = runnerOf(new FolderStorage(folder(), () => createWriteStream('/dev/full')));
  const id = await queued('acme');
  runner.kick();
  await runner.settled();
  expect(await t.read(`export/${id}`, 'acme')).toMatchObject({
    ...{ status: 'failed', error: 'the disk of the service is full' },
    ...{ download_url: null, expires_at: null, rows: null },
  });
  expect(await filesHere()).toEqual([]);
  await runner.stop();
});

it('an attempt that fails is repeated later, and not for ever', async () => {
  let attempts = 0;
  const broken = new FolderStorage(folder());
  broken.write = async () => {
    attempts += 1;
    throw new Error('something is wrong');
  };
  const runner = runnerOf(broken);
  const id = await queued('acme');
  for (let i = 1; i <= 5; i += 1) {
    runner.kick();
    await runner.settled();
    expect(attempts).toBe(i);
    if (i < 5)
      expect(await t.read(`export/${id}`, 'acme')).toMatchObject({
        status: 'queued',
        error: 'something is wrong',
      });
    await t.pool.query(
      'UPDATE export_jobs SET next_attempt_at = now() WHERE id = $1 AND next_attempt_at > now()',
      [id],
    );
  }
  expect(await t.read(`export/${id}`, 'acme')).toMatchObject({
    status: 'failed',
    error: '5 attempts failed; see the log of the service',
  });
  await runner.stop();
});

/** A storage whose writes wait until they are let go. */
function waiting(): { storage: FolderStorage; begun: () => number; letGo: () => void } {
  const storage = new FolderStorage(folder());
  const write = storage.write.bind(storage);
  let begun = 0;
  let letGo!: () => void;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  storage.write = async (name, chunks, signal) => {
    begun += 1;
    const stopped = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('aborted'))),
    );
    await Promise.race([gate, stopped]);
    return write(name, chunks, signal);
  };
  return { storage, begun: () => begun, letGo };
}

it('a replica that is stopped gives its exports back, without an attempt', async () => {
  const { storage, begun } = waiting();
  const runner = runnerOf(storage);
  const id = await queued('acme');
  runner.kick();
  await eventually('begun', () => begun() === 1);
  await runner.stop();
  expect(await table.find('acme', id)).toMatchObject({ status: 'queued', attempts: 0 });
  const next = runnerOf(new FolderStorage(folder()));
  next.kick();
  await next.settled();
  expect(await table.find('acme', id)).toMatchObject({ status: 'done', rows: 2, file: id });
  await next.stop();
});

it('two replicas make an export once, and one of a tenant at a time', async () => {
  const [a, b] = [waiting(), waiting()];
  const runners = [runnerOf(a.storage, 600), runnerOf(b.storage, 600)];
  const ids = [await queued('acme'), await queued('acme'), await queued('globex')];
  for (const runner of runners) runner.kick();
  await eventually('begun', () => a.begun() + b.begun() === 2);
  // Longer than a claim lasts: it is renewed.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  for (const runner of runners) runner.kick();
  expect(a.begun() + b.begun()).toBe(2);
  for (const { letGo } of [a, b]) letGo();
  for (const runner of runners) await runner.settled();
  expect(a.begun() + b.begun()).toBe(3);
  for (const [i, id] of ids.entries())
    expect(await table.find(i < 2 ? 'acme' : 'globex', id)).toMatchObject({ status: 'done', attempts: 1 });
  for (const runner of runners) await runner.stop();
});

it('files that belong to no export are removed', async () => {
  const job = await exported(t, 'acme');
  const strays = new FolderStorage(folder());
  const nothing = (async function* () {
    yield Buffer.from('x');
  })();
  const id = uuidv7();
  await strays.write(id, nothing, new AbortController().signal);
  expect(await filesHere()).toContain(id);
  await t.services.exportRunner.sweep();
  const left = await filesHere();
  expect(left).toContain(job.id);
  expect(left).not.toContain(id);
});

describe('of a tenant', () => {
  const insert = (tenant: string, count: number, values: string): Promise<unknown> =>
    t.pool.query(
      `INSERT INTO export_jobs (tenant_id, id, request, status, link_key, created_at, next_attempt_at, bytes)
       SELECT $1, gen_random_uuid(), '{}', ${values} FROM generate_series(1, $2)`,
      [tenant, count],
    );
  const later = `'queued', '', now(), now() + interval '1 day', NULL`;
  const done = (bytes: number): string => `'done', '', now(), NULL, ${bytes}`;

  it.each([
    ['waiting', BOUNDS.pending, later, `${BOUNDS.pending} exports of this tenant are waiting`],
    ['kept', BOUNDS.kept, done(1), `this tenant has ${BOUNDS.kept} exports`],
    ['large', 2, done(BOUNDS.bytes / 2), 'have 20.0 GiB, and 20.0 GiB are kept'],
  ])('too many %s exports are refused', async (name, count, values, message) => {
    await insert(name, count, values);
    const refused = await t.post('export', { datasets: ['costs'] }, name);
    expect(refusalOf(refused)).toEqual([429, 'RATE_LIMITED']);
    expect(refused.json<Json>().message).toContain(message);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await t.post('export', { datasets: ['costs'] }, `another-${name}`)).statusCode).toBe(202);
  });

  it('an export that does not fit into the room that is left fails, and leaves nothing', async () => {
    await insert('narrow', 1, done(BOUNDS.bytes - 100));
    const job = await exported(t, 'narrow');
    expect(job).toMatchObject({ status: 'failed', error: expect.stringContaining('more than 20 GiB') });
    expect(await filesHere()).not.toContain(job.id);
  });
});

it('a database that is away is waited for', async () => {
  const away: ReadPool = {
    query: () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })),
  };
  const runner = new ExportRunner({
    ...{ pool: away, table, storage: new FolderStorage(folder()), linkHours: 24, sessionIdleMinutes: 30 },
    now: () => t.clock.now,
    log: recordingLog(),
  });
  const id = await queued('patient');
  runner.kick();
  await runner.settled();
  expect(await table.find('patient', id)).toMatchObject({
    status: 'queued',
    attempts: 0,
    error: 'the database was away',
  });
  await runner.stop();
});
