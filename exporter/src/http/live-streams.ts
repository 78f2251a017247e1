/** Answers that stream live figures: how many are open, how they are written, and when they end. */
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import { AppError, RETRY_AFTER } from '../errors.js';
import type { LiveFeed, Listener } from '../live/feed.js';
import type { LiveFigures } from '../live/schema.js';
import { SECOND } from '../time.js';
import { UNREAD_MS } from './open-streams.js';

/** Streams of one tenant on a replica. */
export const MAX_LIVE_A_TENANT = 50;
/** Streams of all tenants on a replica. */
const MAX_LIVE = 5_000;
/** Seconds between two comments, so that nothing on the way takes a quiet connection for a dead one. */
export const COMMENT_SECONDS = 15;

interface Format {
  contentType: string;
  /** Sent at once, with the headers. */
  first: string;
  figures: (figures: LiveFigures) => string;
  comment: string;
  /** Whether comments are left out where figures are sent anyway. */
  commentsIfQuiet: boolean;
}

export const FORMATS = {
  sse: {
    contentType: 'text/event-stream; charset=utf-8',
    first: `retry: ${2 * SECOND}\n\n`,
    figures: (figures) => `event: metrics\ndata: ${JSON.stringify(figures)}\n\n`,
    comment: ': alive\n\n',
    commentsIfQuiet: false,
  },
  // Readers of NDJSON skip empty lines, but not all of them do.
  ndjson: {
    contentType: 'application/x-ndjson; charset=utf-8',
    first: '',
    figures: (figures) => `${JSON.stringify(figures)}\n`,
    comment: '\n',
    commentsIfQuiet: true,
  },
} satisfies Record<string, Format>;
export type LiveFormat = keyof typeof FORMATS;

export interface LiveRequest {
  tenantId: string;
  intervalSeconds: number;
  format: LiveFormat;
  /** When the token expires, milliseconds. */
  expiresAt: number;
}

export class LiveStreams {
  private readonly tenants = new Map<string, Set<LiveStream>>();
  private all = 0;
  private readonly frames = new Frames();

  constructor(
    private readonly feed: LiveFeed,
    private readonly unreadMs = UNREAD_MS,
  ) {}

  /** @throws AppError if there are too many */
  open(request: LiveRequest, reply: FastifyReply): Readable {
    const { tenantId } = request;
    const ofTenant = this.tenants.get(tenantId) ?? new Set();
    if (ofTenant.size >= MAX_LIVE_A_TENANT) {
      throw new AppError(
        'RATE_LIMITED',
        `${ofTenant.size} live streams of this tenant are open, and no more may be; close one of them, then try again`,
        { retryAfter: RETRY_AFTER.failure },
      );
    }
    if (this.all >= MAX_LIVE) {
      throw new AppError('UNAVAILABLE', 'too many live streams of all tenants are open; try again', {
        retryAfter: RETRY_AFTER.failure,
      });
    }
    const stream = new LiveStream(request, reply, this.frames, this.unreadMs);
    this.tenants.set(tenantId, ofTenant.add(stream));
    this.all += 1;
    const leave = this.feed.listen(tenantId, stream);
    stream.readable.once('close', () => {
      leave();
      this.all -= 1;
      ofTenant.delete(stream);
      if (ofTenant.size === 0 && this.tenants.get(tenantId) === ofTenant) this.tenants.delete(tenantId);
    });
    return stream.readable;
  }

  /** Ends all streams. Otherwise a shutdown would wait for them. */
  close(): void {
    for (const streams of this.tenants.values()) for (const stream of streams) stream.end();
  }
}

/** Figures as bytes, made once for all who listen. */
class Frames {
  private readonly made = new WeakMap<LiveFigures, Partial<Record<LiveFormat, Buffer>>>();

  of(figures: LiveFigures, format: LiveFormat): Buffer {
    let frames = this.made.get(figures);
    if (frames === undefined) this.made.set(figures, (frames = {}));
    return (frames[format] ??= Buffer.from(FORMATS[format].figures(figures)));
  }
}

class LiveStream implements Listener {
  readonly readable = new Readable({ read: () => undefined });
  private seconds = 0;
  /** Seconds since figures were sent. */
  private waited = Infinity;
  /** Seconds since anything was sent. */
  private quiet = 0;
  private behindSince: number | undefined;

  constructor(
    private readonly request: LiveRequest,
    private readonly reply: FastifyReply,
    private readonly frames: Frames,
    private readonly unreadMs: number,
  ) {
    const { first } = FORMATS[request.format];
    if (first !== '') this.readable.push(first);
  }

  onSecond(): void {
    this.seconds += 1;
    this.waited += 1;
    this.quiet += 1;
    if (Date.now() >= this.request.expiresAt) return this.end();
    if (this.isUnread()) {
      this.readable.destroy();
      this.reply.raw.destroy();
      return;
    }
    const { comment, commentsIfQuiet } = FORMATS[this.request.format];
    const isDue = commentsIfQuiet ? this.quiet >= COMMENT_SECONDS : this.seconds % COMMENT_SECONDS === 0;
    if (isDue) this.send(comment);
  }

  onFigures(figures: LiveFigures): void {
    const { intervalSeconds, format } = this.request;
    if (this.waited < intervalSeconds) return;
    if (this.send(this.frames.of(figures, format))) this.waited = 0;
  }

  end(): void {
    if (!this.readable.destroyed && !this.readable.readableEnded) this.readable.push(null);
  }

  /** Whether the client has taken nothing for too long of what was sent. */
  private isUnread(): boolean {
    if (!this.isBehind) this.behindSince = undefined;
    else this.behindSince ??= Date.now();
    return this.behindSince !== undefined && Date.now() - this.behindSince >= this.unreadMs;
  }

  /** Whether something that was sent is still in the memory of this process. */
  private get isBehind(): boolean {
    return this.readable.readableLength > 0 || this.reply.raw.writableLength > 0;
  }

  /** A client that is behind misses figures, because what was true then is of no use later. */
  private send(frame: Buffer | string): boolean {
    if (this.isBehind || this.readable.destroyed) return false;
    this.quiet = 0;
    this.readable.push(frame);
    return true;
  }
}
