/** Limits answers that are streamed: how many are open, and for how long a client may leave one unread. */
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { AppError, RETRY_AFTER } from '../errors.js';

/** Streams of one tenant. */
export const MAX_STREAMS_A_TENANT = 3;
/** Streams of all tenants: each holds a page of rows. */
const MAX_STREAMS = 50;
/** How long a client may take nothing of what it has asked for. */
export const UNREAD_MS = 30_000;

export class OpenStreams {
  private readonly tenants = new Map<string, number>();
  private readonly streams = new Set<Readable>();
  private all = 0;

  constructor(private readonly unreadMs = UNREAD_MS) {}

  /**
   * Counts a stream that is about to be opened.
   * @returns ends the count; only its first call counts
   * @throws AppError if there are too many
   */
  begin(tenantId: string): () => void {
    const ofTenant = this.tenants.get(tenantId) ?? 0;
    if (ofTenant >= MAX_STREAMS_A_TENANT) {
      throw new AppError(
        'RATE_LIMITED',
        `${ofTenant} exports of this tenant are open, and no more may be; read or close one of them, then try again`,
        { retryAfter: RETRY_AFTER.failure },
      );
    }
    if (this.all >= MAX_STREAMS) {
      throw new AppError('UNAVAILABLE', 'too many exports of all tenants are open; try again', {
        retryAfter: RETRY_AFTER.failure,
      });
    }
    this.count(tenantId, 1);
    let ended = false;
    return () => {
      if (!ended) this.count(tenantId, -1);
      ended = true;
    };
  }

  /**
   * A stream of chunks. It pulls: the next one is made when the client has taken the one before. If the client takes
   * nothing for too long, the connection is closed.
   */
  open(chunks: AsyncIterable<string | Uint8Array>, reply: FastifyReply, end: () => void): Readable {
    const stream = Readable.from(
      watched(chunks, this.unreadMs, () => reply.raw.destroy()),
      { objectMode: false },
    );
    this.streams.add(stream);
    stream.once('close', () => {
      this.streams.delete(stream);
      end();
    });
    return stream;
  }

  /** Ends all streams. Otherwise a shutdown would wait for the slowest reader. */
  close(): void {
    for (const stream of this.streams) stream.destroy();
  }

  private count(tenantId: string, change: 1 | -1): void {
    this.all += change;
    const ofTenant = (this.tenants.get(tenantId) ?? 0) + change;
    if (ofTenant > 0) this.tenants.set(tenantId, ofTenant);
    else this.tenants.delete(tenantId);
  }
}

/** The same chunks. Calls `onUnread` if the next one is not asked for in time. */
async function* watched(
  chunks: AsyncIterable<string | Uint8Array>,
  ms: number,
  onUnread: () => void,
): AsyncGenerator<string | Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    const timer = setTimeout(onUnread, ms);
    try {
      yield chunk;
    } finally {
      clearTimeout(timer);
    }
  }
}
