/** What tests of exports share. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import yauzl, { type Entry, type Options, type ZipFile } from 'yauzl';
import type { TestApp } from '../support/app.js';

const fromBuffer = promisify(
  yauzl.fromBuffer as (
    bytes: Buffer,
    options: Options,
    then: (error: Error | null, zip: ZipFile) => void,
  ) => void,
);

export interface Exported {
  id: string;
  status: string;
  progress: number;
  download_url: string;
  error: string | null;
  rows: number;
  bytes: number;
}

/** An export that has ended. */
export async function exported(t: TestApp, tenant: string, body: object = {}): Promise<Exported> {
  const asked = await t.post('export', { datasets: ['executions'], ...body }, tenant);
  if (asked.statusCode !== 202) throw new Error(`${asked.statusCode}: ${asked.body}`);
  await t.services.exportRunner.settled();
  return t.read<Exported>(`export/${asked.json<{ id: string }>().id}`, tenant);
}

/** What a request without a host is sent to. */
export const linkPath = ({ pathname, search }: URL): string => `${pathname}${search}`;

/** The bytes of an export that is done. */
export async function download(t: TestApp, { download_url }: Exported): Promise<Buffer> {
  const response = await t.app.inject({ url: download_url });
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${response.body}`);
  return response.rawPayload;
}

/** The texts of a zip's files by their names. */
export async function unzipped(bytes: Buffer): Promise<Map<string, string>> {
  const files = await unzippedBytes(bytes);
  return new Map([...files].map(([name, content]) => [name, content.toString()]));
}

async function unzippedBytes(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBuffer(bytes, { lazyEntries: false });
  const files = new Map<string, Promise<Buffer>>();
  const openStream = promisify(zip.openReadStream.bind(zip)) as (entry: Entry) => Promise<Readable>;
  zip.on('entry', (entry: Entry) =>
    files.set(
      entry.fileName,
      openStream(entry).then(async (stream) => Buffer.concat(await stream.toArray())),
    ),
  );
  await once(zip, 'end');
  return new Map(
    await Promise.all([...files].map(async ([name, content]) => [name, await content] as const)),
  );
}
