/** Files of exports in object storage: S3, or a server that speaks its protocol. The client is loaded when it is needed. */
import type { S3Client } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import type { ExportBucket } from '../config/values.js';
import { messageOf } from '../errors.js';
import { type ExportStorage, PermanentError, type StoredFile } from './storage.js';

/** Of a multipart upload, of which some are in memory at once. S3 takes at most 10,000: up to 156 GiB. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

/** What no repetition mends, by the name of the error. */
const PERMANENT = new Set([
  ...['NoSuchBucket', 'AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'PermanentRedirect'],
  ...['AuthorizationHeaderMalformed', 'CredentialsProviderError', 'ExpiredToken', 'InvalidBucketName'],
]);
const MISSING = new Set(['NotFound', 'NoSuchKey']);

const nameOf = (error: unknown): string =>
  error instanceof Object && 'name' in error ? String(error.name) : '';

export class S3Storage implements ExportStorage {
  readonly isShared = true;
  private client: Promise<S3Client> | undefined;

  constructor(private readonly target: ExportBucket) {}

  async write(name: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
    const object = this.object(name);
    let bytes = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        bytes += chunk.length;
        yield chunk;
      }
    };
    const client = await this.connected();
    // Of a writer that was killed.
    await this.dropUploads(name);
    const { Upload } = await import('@aws-sdk/lib-storage');
    const body = Readable.from(counted(), { objectMode: false });
    // lib-storage waits for a stream that has failed only if it reads it.
    const failed = new Promise<never>((_, reject) => body.once('error', reject));
    const upload = new Upload({
      client,
      params: { ...object, Body: body },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    try {
      await Promise.race([upload.done(), failed]);
      return bytes;
    } catch (error) {
      body.destroy();
      await upload.abort().catch(() => undefined);
      await this.dropUploads(name).catch(() => undefined);
      throw asPermanent(error);
    }
  }

  async find(name: string): Promise<StoredFile | undefined> {
    const client = await this.connected();
    const { GetObjectCommand, HeadObjectCommand } = await import('@aws-sdk/client-s3');
    try {
      const { ContentLength = 0 } = await client.send(new HeadObjectCommand(this.object(name)));
      return {
        bytes: ContentLength,
        open: async () => (await client.send(new GetObjectCommand(this.object(name)))).Body as Readable,
      };
    } catch (error) {
      if (MISSING.has(nameOf(error))) return undefined;
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const client = await this.connected();
    const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
    await client.send(new DeleteObjectCommand(this.object(name)));
  }

  /** Any replica can remove any file, so that none is left over. */
  async list(): Promise<string[]> {
    return [];
  }

  close(): void {
    void this.client?.then((client) => client.destroy());
  }

  private async dropUploads(name: string): Promise<void> {
    const client = await this.connected();
    const { AbortMultipartUploadCommand, ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3');
    const { Bucket, Key } = this.object(name);
    const listed = await client
      .send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }))
      .catch((error: unknown) => {
        throw asPermanent(error);
      });
    for (const { UploadId } of listed.Uploads ?? [])
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }

  private object(name: string): { Bucket: string; Key: string } {
    const { bucket, prefix } = this.target;
    return { Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` };
  }

  private connected(): Promise<S3Client> {
    return (this.client ??= connect());
  }
}

/** Region, credentials and endpoint are those of the environment, as with every tool of AWS. */
async function connect(): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3');
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  return new S3Client({
    // Other servers seldom have a name for each bucket, nor the newer checksums.
    forcePathStyle: (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL ?? '') !== '',
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 5,
  });
}

function asPermanent(error: unknown): unknown {
  if (error instanceof PermanentError || !PERMANENT.has(nameOf(error))) return error;
  return new PermanentError(`the object storage refuses the file: ${nameOf(error)}, ${messageOf(error)}`, {
    cause: error,
  });
}
