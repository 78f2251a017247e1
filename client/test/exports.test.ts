/** Exports of the client with the real service. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AnalyticsError } from '../src/index.js';
import { Clients } from './support/client.js';
import { RealService } from './support/exporter.js';

const clients = new Clients();
let service: RealService;
let folder: string;

beforeAll(async () => {
  [service, folder] = await Promise.all([
    RealService.start(),
    mkdtemp(path.join(tmpdir(), 'client-exports-')),
  ]);
}, 90_000);
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);
afterEach(() => clients.close());

const open = (tenant: string) => clients.open({ url: service.url, token: () => service.token(tenant) });

it('are started, waited for and downloaded', async () => {
  const client = open('exporting');
  for (const user_id of ['u-1', 'u-2']) client.recordExecution({ user_id, status: 'success' });
  await client.flush();
  const seen: number[] = [];
  const file = await client.analytics.export(
    { datasets: ['executions'], format: 'ndjson' },
    { onProgress: (percent) => seen.push(percent) },
  );
  expect(seen.at(-1)).toBe(100);
  expect(file.job).toMatchObject({ status: 'done', rows: 2, error: null });
  const text = await file.text();
  const users = text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { user_id: string }).user_id);
  expect(users.sort()).toEqual(['u-1', 'u-2']);
  expect(Buffer.from(await file.bytes()).toString()).toBe(text);
  const target = path.join(folder, 'executions.ndjson');
  await file.save(target);
  expect(await readFile(target, 'utf8')).toBe(text);
  await expect(file.save(target)).rejects.toThrow(/EEXIST/);
  expect(await readFile(target, 'utf8')).toBe(text);
  // The link takes no token.
  expect((await fetch(file.url)).status).toBe(200);
});

it('throw what the service refuses, and stop waiting when they are told to', async () => {
  const { analytics } = open('refused');
  await expect(analytics.export({ metrics: ['nonsense'] })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    message: expect.stringContaining('nonsense'),
  });
  const file = await analytics.export({ datasets: ['costs'] });
  file.job.download_url = file.job.download_url!.replace(/signature=.*/, 'signature=x');
  await expect(file.save(path.join(folder, 'refused.csv'))).rejects.toMatchObject({ status: 403 });
  expect(await readdir(folder)).not.toContain('refused.csv');
  const stopped = analytics.export({ datasets: ['costs'] }, { signal: AbortSignal.abort() });
  await expect(stopped).rejects.toThrow(AnalyticsError);
  await expect(stopped).rejects.toMatchObject({ code: 'TIMEOUT', details: { id: expect.any(String) } });
});
