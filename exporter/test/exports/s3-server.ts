/** A small server that speaks as much of S3 as exports need: it checks signatures, and keeps objects in memory. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export const ACCESS_KEY = 'exports-access';
export const SECRET_KEY = 'exports-secret-key';

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Whether the request was signed with the secret (AWS Signature Version 4). */
function isSigned({ method, url = '', headers }: IncomingMessage, body: Buffer): boolean {
  const match = /Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(
    headers.authorization ?? '',
  );
  if (match === null || match[1] !== ACCESS_KEY) return false;
  const [, , scope, signedHeaders, signature] = match as unknown as string[];
  const given = String(headers['x-amz-content-sha256']);
  if (given !== 'UNSIGNED-PAYLOAD' && given !== sha256(body)) return false;
  const { pathname, search } = new URL(url, 'http://s3');
  const query = search
    .slice(1)
    .split('&')
    .filter((part) => part !== '')
    .map((part) => (part.includes('=') ? part : `${part}=`))
    .sort()
    .join('&');
  const canonical = [
    ...[method, pathname, query],
    ...signedHeaders!.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    ...['', signedHeaders, given],
  ].join('\n');
  const key = scope!.split('/').reduce<Buffer | string>(hmac, `AWS4${SECRET_KEY}`);
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  return hmac(key, text).toString('hex') === signature;
}

export class S3Server {
  readonly objects = new Map<string, Buffer>();
  readonly uploads = new Map<string, { key: string; parts: Map<number, Buffer> }>();
  /** The largest body so far. */
  largest = 0;
  private server!: Server;

  constructor(private readonly bucket: string) {}

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      void request
        .toArray()
        .then((chunks) => this.answer(request, Buffer.concat(chunks as Buffer[]), response));
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3');
    const refuse = (status: number, code: string): void =>
      void response.writeHead(status).end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
    if (!isSigned(request, body)) return refuse(403, 'SignatureDoesNotMatch');
    const [, bucket, ...rest] = pathname.split('/');
    if (bucket !== this.bucket) return refuse(404, 'NoSuchBucket');
    this.largest = Math.max(this.largest, body.length);
    const key = decodeURIComponent(rest.join('/'));
    const upload = searchParams.get('uploadId');
    if (upload !== null && !this.uploads.has(upload)) return refuse(404, 'NoSuchUpload');
    switch (request.method) {
      case 'POST':
        return void response.end(upload === null ? this.begin(key) : this.complete(upload, body));
      case 'PUT':
        if (upload === null) this.objects.set(key, body);
        else this.uploads.get(upload)!.parts.set(Number(searchParams.get('partNumber')), body);
        return void response.writeHead(200, { etag: `"${sha256(body)}"` }).end();
      case 'DELETE':
        if (upload === null) this.objects.delete(key);
        else this.uploads.delete(upload);
        return void response.writeHead(204).end();
    }
    if (searchParams.has('uploads'))
      return void response.end(this.listUploads(searchParams.get('prefix') ?? ''));
    const object = this.objects.get(key);
    if (object === undefined) return refuse(404, 'NoSuchKey');
    response.writeHead(200, { 'content-length': object.length });
    response.end(request.method === 'HEAD' ? undefined : object);
  }

  private begin(key: string): string {
    const id = randomUUID();
    this.uploads.set(id, { key, parts: new Map() });
    return `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
  }

  private complete(id: string, body: Buffer): string {
    const { key, parts } = this.uploads.get(id)!;
    const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number));
    this.objects.set(key, Buffer.concat(numbers.map((number) => parts.get(number)!)));
    this.uploads.delete(id);
    return `<CompleteMultipartUploadResult><Key>${key}</Key></CompleteMultipartUploadResult>`;
  }

  private listUploads(prefix: string): string {
    const listed = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix));
    const uploads = listed.map(
      ([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`,
    );
    return `<ListMultipartUploadsResult>${uploads.join('')}</ListMultipartUploadsResult>`;
  }
}
