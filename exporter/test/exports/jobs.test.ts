/** `POST /export`: a file is made in the background, and downloaded by a signed link. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';
import { download, exported, linkPath, unzipped } from './support.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  const executions = [
    execution(1, '2026-03-18T09:00:00Z', { agent_id: 'a', query_preview: '=1+1' }),
    execution(2, '2026-03-17T09:00:00Z', { agent_id: 'b' }),
  ];
  const sent = await t.post('/api/v1/executions', { executions }, 'acme');
  expect(sent.json<Json>().accepted).toBe(2);
  await t.rollup();
}, 600_000);
afterAll(() => t.close());

it('answers at once, and has the link when it is done', async () => {
  const asked = await t.post('export', { datasets: ['executions'], period: '7d', format: 'csv' }, 'acme');
  expect(asked.statusCode).toBe(202);
  const job = asked.json<Json>();
  expect(job).toMatchObject({ progress: 0, download_url: null, expires_at: null, error: null });
  expect(['queued', 'running']).toContain(job.status);
  await t.services.exportRunner.settled();
  const done = await t.read(`export/${String(job.id)}`, 'acme');
  expect(done).toMatchObject({
    ...{ id: job.id, status: 'done', progress: 100, rows: 2, error: null },
    expires_at: '2026-03-19T12:00:00.000Z',
    period: { start: '2026-03-12T00:00:00.000Z', end: '2026-03-19T00:00:00.000Z' },
  });

  const file = await t.app.inject({ url: String(done.download_url) });
  expect(file.statusCode).toBe(200);
  expect(file.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="executions_2026-03-12_2026-03-18.csv"',
    'content-length': String(done.bytes),
    'cache-control': 'private, no-store',
  });
  // The same as the export that is streamed, formulas defused.
  expect(file.body).toBe((await t.get('export?dataset=executions&period=7d', 'acme')).body);
  const rows = parse(file.body, { columns: true }) as Json[];
  expect(rows.map(({ query_preview }) => query_preview)).toContain("'=1+1");
  const head = await t.app.inject({ method: 'HEAD', url: String(done.download_url) });
  expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', String(done.bytes)]);
});

describe('a link', () => {
  it.each(['signature', 'expires', 'tenant', 'id'])('with another %s is refused', async (changed) => {
    const [job, other] = [await exported(t, 'acme'), await exported(t, 'acme')];
    const url = new URL(job.download_url);
    if (changed === 'id') url.pathname = url.pathname.replace(job.id, other.id);
    else if (changed === 'signature') url.searchParams.set(changed, 'x'.repeat(43));
    else if (changed === 'expires')
      url.searchParams.set(changed, String(Number(url.searchParams.get(changed)) + 1));
    else url.searchParams.set(changed, 'globex');
    expect(refusalOf(await t.app.inject({ url: linkPath(url) }))).toEqual([403, 'FORBIDDEN']);
    url.searchParams.delete(changed);
    expect(refusalOf(await t.app.inject({ url: linkPath(url) }))).toEqual([403, 'FORBIDDEN']);
  });

  it('works in every replica, until it ends; then the file is removed', async () => {
    const job = await exported(t, 'acme');
    const url = linkPath(new URL(job.download_url));
    const replica = await testApp({ database: t.database, env: { DATA_DIR: t.config.dataDir } });
    expect((await replica.app.inject({ url })).statusCode).toBe(200);

    for (const app of [t, replica]) app.clock.now += 24 * 3_600_000;
    expect(refusalOf(await replica.app.inject({ url }))).toEqual([404, 'NOT_FOUND']);
    await replica.services.exportRunner.sweep();
    expect(refusalOf(await t.get(`export/${job.id}`, 'acme'))).toEqual([404, 'NOT_FOUND']);
    expect(await readdir(join(t.config.dataDir, 'exports'))).toEqual([]);
    await replica.close();
    t.clock.now -= 24 * 3_600_000;
  });

  it('of a replica that does not have the file says so', async () => {
    const job = await exported(t, 'acme');
    const elsewhere = await testApp({ database: t.database });
    const answer = await elsewhere.app.inject({ url: linkPath(new URL(job.download_url)) });
    expect(refusalOf(answer)).toEqual([503, 'UNAVAILABLE']);
    expect(answer.json<Json>().message).toMatch(/another replica.*DATA_DIR.*EXPORT_STORAGE/);
    await elsewhere.close();
  });
});

it('of another tenant is not found', async () => {
  const job = await exported(t, 'acme');
  expect(refusalOf(await t.get(`export/${job.id}`, 'globex'))).toEqual([404, 'NOT_FOUND']);
});

it('of several datasets is one zip, the same each time', async () => {
  const body = { datasets: ['executions', 'tokens', 'costs'], format: 'ndjson' };
  const job = await exported(t, 'acme', body);
  const bytes = await download(t, job);
  const files = await unzipped(bytes);
  expect([...files.keys()]).toEqual([
    'executions_2026-03-12_2026-03-18.ndjson',
    'token_usages_2026-03-12_2026-03-18.ndjson',
    'costs_2026-03-12_2026-03-18.ndjson',
  ]);
  for (const [name, text] of files) {
    const dataset = name.slice(0, name.indexOf('_2026'));
    expect(text).toBe((await t.get(`export?dataset=${dataset}&format=ndjson`, 'acme')).body);
  }
  expect(await download(t, await exported(t, 'acme', body))).toEqual(bytes);
});
