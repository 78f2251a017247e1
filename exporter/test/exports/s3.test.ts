/** Files in object storage: written in parts, read by every replica, and removed when the link ends. */
import { S3Storage } from '../../src/exports/s3.js';
import { PermanentError } from '../../src/exports/storage.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';
import { ACCESS_KEY, S3Server, SECRET_KEY } from './s3-server.js';
import { download, exported, linkPath } from './support.js';

const PREFIX = 'of/agentidp';
const server = new S3Server('exports');
const before = { ...process.env };
beforeAll(async () => {
  process.env.AWS_ENDPOINT_URL_S3 = await server.start();
  process.env.AWS_REGION = 'eu-central-1';
  process.env.AWS_ACCESS_KEY_ID = ACCESS_KEY;
  process.env.AWS_SECRET_ACCESS_KEY = SECRET_KEY;
});
afterAll(async () => {
  await server.stop();
  process.env = before;
});

const MIB = Buffer.alloc(1024 * 1024, 'x');
const storages: S3Storage[] = [];
const storageOf = (bucket: string): S3Storage => {
  const storage = new S3Storage({ bucket, prefix: PREFIX });
  storages.push(storage);
  return storage;
};
afterAll(() => storages.forEach((storage) => storage.close()));

async function* mebibytes(count: number, onEach?: (i: number) => void): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i += 1) {
    onEach?.(i);
    yield MIB;
  }
}
const never = new AbortController().signal;

it('a large file is written in parts, and read back as it was', async () => {
  const storage = storageOf('exports');
  expect(await storage.write('large', mebibytes(70), never)).toBe(70 * MIB.length);
  expect(server.largest).toBeLessThanOrEqual(16 * MIB.length);
  expect(server.objects.get(`${PREFIX}/large`)!.length).toBe(70 * MIB.length);
  const file = await storage.find('large');
  expect(file!.bytes).toBe(70 * MIB.length);
  let bytes = 0;
  for await (const chunk of await file!.open()) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(file!.bytes);
  await storage.remove('large');
  expect(await storage.find('large')).toBeUndefined();
}, 60_000);

it.each(['an error', 'an abort'])(
  'nothing is left of a file that ends with %s',
  async (how) => {
    const storage = storageOf('exports');
    const stop = new AbortController();
    const chunks = mebibytes(80, (i) => {
      if (i !== 60) return;
      if (how === 'an abort') stop.abort();
      else throw new Error('the source has failed');
    });
    await expect(storage.write('broken', chunks, stop.signal)).rejects.toThrow(/failed|abort/);
    expect([...server.objects.keys()]).toEqual([]);
    expect(server.uploads.size).toBe(0);
  },
  60_000,
);

it('what a killed writer has left is dropped by the next one', async () => {
  server.uploads.set('left-over', { key: `${PREFIX}/again`, parts: new Map([[1, MIB]]) });
  const storage = storageOf('exports');
  await storage.write('again', mebibytes(1), never);
  expect(server.uploads.size).toBe(0);
  await storage.remove('again');
});

it('a bucket that does not exist is told at once', async () => {
  const writing = storageOf('no-such-bucket').write('x', mebibytes(1), never);
  await expect(writing).rejects.toThrow(PermanentError);
  await expect(writing).rejects.toThrow(/object storage refuses the file: NoSuchBucket/);
});

describe('an export', () => {
  let t: TestApp;
  const env = { EXPORT_STORAGE: `s3://exports/${PREFIX}/` };
  beforeAll(async () => {
    t = await testApp({ env });
    const executions = [execution(1, '2026-03-18T09:00:00Z')];
    expect((await t.post('/api/v1/executions', { executions }, 'acme')).json<Json>().accepted).toBe(1);
  }, 60_000);
  afterAll(() => t.close());

  it('is downloaded from any replica, and removed when its link ends', async () => {
    const job = await exported(t, 'acme', { format: 'parquet' });
    const bytes = await download(t, job);
    expect([...server.objects]).toEqual([[`${PREFIX}/${job.id}`, bytes]]);
    const replica = await testApp({ database: t.database, env });
    const url = linkPath(new URL(job.download_url));
    expect((await replica.app.inject({ url })).rawPayload).toEqual(bytes);
    replica.clock.now += 24 * 3_600_000;
    await replica.services.exportRunner.sweep();
    expect(server.objects.size).toBe(0);
    expect(refusalOf(await t.app.inject({ url }))).toEqual([403, 'FORBIDDEN']);
    await replica.close();
  });

  it('that the storage refuses fails with the reason', async () => {
    const refused = await testApp({ database: t.database, env: { EXPORT_STORAGE: 's3://another-bucket' } });
    const job = await exported(refused, 'acme');
    expect(job).toMatchObject({
      status: 'failed',
      download_url: null,
      error: expect.stringMatching(/NoSuchBucket/),
    });
    await refused.close();
  });
});
