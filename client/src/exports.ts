/** Files that the service makes: started, waited for, and downloaded. */
import type { WriteStream } from 'node:fs';
import { AnalyticsError } from './errors.js';
import type { Settings } from './options.js';

export interface ExportJob {
  id: string;
  status: string;
  progress: number;
  download_url: string | null;
  expires_at: string | null;
  error: string | null;
  rows: number | null;
  bytes: number | null;
}

export interface ExportOptions {
  /** How long to wait for the file, in milliseconds; default: an hour. */
  waitMs?: number;
  /** Called with the progress in percent whenever it is asked for. */
  onProgress?: (percent: number) => void;
  /** Stops waiting. The service goes on, and the file can be asked for by the id of the error's `details`. */
  signal?: AbortSignal;
}

const WAIT_MS = 3_600_000;
const FIRST_POLL_MS = 250;
const MAX_POLL_MS = 5_000;

/** @throws AnalyticsError EXPORT_FAILED, TIMEOUT */
export async function waitForExport<Job extends ExportJob>(
  started: Job,
  read: (id: string) => Promise<Job>,
  { waitMs = WAIT_MS, onProgress, signal }: ExportOptions,
): Promise<Job> {
  const deadline = Date.now() + waitMs;
  let pollMs = FIRST_POLL_MS;
  for (let job = started; ; job = await read(job.id)) {
    onProgress?.(job.progress);
    if (job.status === 'done') return job;
    const details = { id: job.id };
    if (job.status === 'failed')
      throw new AnalyticsError('EXPORT_FAILED', job.error ?? 'the export failed', { details });
    if (Date.now() + pollMs > deadline)
      throw new AnalyticsError('TIMEOUT', `the export is not done within ${waitMs} ms`, { details });
    await pause(pollMs, signal, details);
    pollMs = Math.min(2 * pollMs, MAX_POLL_MS);
  }
}

function pause(ms: number, signal: AbortSignal | undefined, details: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = (): void => {
      clearTimeout(timer);
      reject(new AnalyticsError('TIMEOUT', 'the export is not waited for any longer', { details }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stopped);
      resolve();
    }, ms);
    if (signal?.aborted === true) stopped();
    signal?.addEventListener('abort', stopped, { once: true });
  });
}

/** A file that is done. Its link works without a token until `expires_at`. */
export class ExportFile<Job extends ExportJob = ExportJob> {
  constructor(
    private readonly settings: Pick<Settings, 'url' | 'fetch'>,
    /** What the service says of it. */
    readonly job: Job,
  ) {}

  /** Under the address of this client, which may be another one than others see. */
  get url(): string {
    const { pathname, search } = new URL(this.job.download_url!);
    return `${this.settings.url}${pathname}${search}`;
  }

  /** The content, as it comes. */
  async stream(): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.response();
    if (body === null) throw new AnalyticsError('HTTP_ERROR', 'the response has no content');
    return body;
  }

  async text(): Promise<string> {
    return (await this.response()).text();
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await (await this.response()).arrayBuffer());
  }

  /** Writes it to a file, which must not exist yet. */
  async save(path: string): Promise<void> {
    const [{ createWriteStream }, { Readable }, { pipeline }, { rm }] = await Promise.all([
      import('node:fs'),
      import('node:stream'),
      import('node:stream/promises'),
      import('node:fs/promises'),
    ]);
    const content = Readable.fromWeb((await this.stream()) as Parameters<typeof Readable.fromWeb>[0]);
    let opened = false;
    const file: WriteStream = createWriteStream(path, { flags: 'wx' }).once('open', () => (opened = true));
    try {
      await pipeline(content, file);
    } catch (error) {
      // Half a file is none.
      if (opened) await rm(path, { force: true });
      throw error;
    }
  }

  private async response(): Promise<Response> {
    const response = await (this.settings.fetch ?? fetch)(this.url, { redirect: 'manual' }).catch(
      (cause: unknown) => {
        throw new AnalyticsError('NETWORK_ERROR', 'the file could not be downloaded', { cause });
      },
    );
    if (response.status === 200) return response;
    const body = (await response.json().catch(() => null)) as { message?: unknown } | null;
    const message = typeof body?.message === 'string' ? body.message : `status ${response.status}`;
    throw new AnalyticsError('HTTP_ERROR', message, {
      status: response.status,
      requestId: response.headers.get('x-request-id'),
    });
  }
}
