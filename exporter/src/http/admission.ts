/**
 * Limits the memory of request bodies, for all ingest routes together and per tenant. The bytes of a body count,
 * decompressed, from their arrival until the response is sent, because the transaction keeps them in memory until then.
 * What a client declares but does not send takes no room.
 */
import type { FastifyRequest, RequestPayload, RouteShorthandOptions } from 'fastify';
import plugin from 'fastify-plugin';
import { finished, Transform } from 'node:stream';
import { AppError, ERRORS, RETRY_AFTER } from '../errors.js';
import { MAX_BODY_BYTES } from '../facts/event/wire.js';
import type { ServiceMetrics } from '../metrics/service.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on ingest routes once the first bytes of the body are admitted. */
    heldBody: HeldBody | undefined;
  }
}

/** Limit of all bodies together. Processing a body takes several times its own size. */
export const MAX_BYTES = 128 * 1024 * 1024;
/** Limit of a tenant. Half of the total, so that one tenant always leaves room for others. */
export const MAX_BYTES_A_TENANT = MAX_BYTES / 2;

/** How much of a rejected body is read and discarded. If a body is longer, its client may not see the response. */
export const MAX_DISCARDED_BYTES = 256 * 1024 * 1024;

/** Counts the bytes in memory. */
export class Admission {
  private readonly tenants = new Map<string, number>();
  private all = 0;

  /** Bytes that are currently in memory. */
  get bytes(): number {
    return this.all;
  }

  /** Whether there is room for `bytes` now. */
  hasRoom(tenantId: string, bytes: number): boolean {
    const ofTenant = (this.tenants.get(tenantId) ?? 0) + bytes;
    return ofTenant <= MAX_BYTES_A_TENANT && this.all + bytes <= MAX_BYTES;
  }

  /**
   * Adds `bytes`; a negative number releases them.
   * @returns false if there is no room; the count is then unchanged
   */
  hold(tenantId: string, bytes: number): boolean {
    if (bytes > 0 && !this.hasRoom(tenantId, bytes)) return false;
    const ofTenant = (this.tenants.get(tenantId) ?? 0) + bytes;
    this.all += bytes;
    if (ofTenant > 0) this.tenants.set(tenantId, ofTenant);
    else this.tenants.delete(tenantId);
    return true;
  }
}

/** The share of one body. */
class HeldBody {
  /** Whether the body was rejected while it was being received. */
  refused = false;
  /** The stream that reads the body. */
  stream: Transform | undefined;
  private bytes = 0;
  private released = false;

  constructor(
    private readonly admission: Admission,
    private readonly tenantId: string,
  ) {}

  /**
   * @param bytes total size of the body so far
   * @returns false if there is no room
   */
  grow(bytes: number): boolean {
    // After the release, the rest of the body is discarded, so it takes no memory.
    if (this.released || bytes <= this.bytes) return true;
    if (!this.admission.hold(this.tenantId, bytes - this.bytes)) return false;
    this.bytes = bytes;
    return true;
  }

  /** Releases the share, and discards the rest of a body that nothing else reads. */
  release(): void {
    this.released = true;
    this.stream?.destroy();
    this.stream = undefined;
    this.admission.hold(this.tenantId, -this.bytes);
    this.bytes = 0;
  }
}

export const bodyAdmission = plugin(
  async (app) => {
    app.decorateRequest('heldBody');
  },
  { name: 'body-admission' },
);

type AdmissionHooks = Required<Pick<RouteShorthandOptions, 'bodyLimit' | 'preParsing' | 'onSend'>>;

/** Options that every ingest route shares. */
export function admitBody({
  admission,
  metrics,
}: {
  admission: Admission;
  metrics: ServiceMetrics;
}): AdmissionHooks {
  return {
    bodyLimit: MAX_BODY_BYTES,
    // Hooks of a route run after those of plugins, so the payload is already decompressed.
    preParsing: (request, _reply, payload, done) => {
      // If the client has disconnected, "end" never fires and no response can be sent.
      if (request.raw.destroyed) return done(new AppError('VALIDATION_ERROR', 'the client disconnected'));
      const body = new HeldBody(admission, request.principal.tenantId);
      request.heldBody = body;
      if (!admission.hasRoom(request.principal.tenantId, declaredLength(request))) {
        body.refused = true;
        discard(request, payload, MAX_BODY_BYTES);
        return done(noRoom());
      }
      done(null, measured(request, payload, body));
    },
    // Runs for every admitted request, also if the client has disconnected.
    onSend: (request, reply, _payload, done) => {
      request.heldBody?.release();
      // The connection refers to its last request until the next one, and the body takes several times its size.
      request.body = undefined;
      if (request.heldBody !== undefined && reply.statusCode >= ERRORS.INTERNAL_ERROR)
        metrics.ingestFailures.inc();
      done();
    },
  };
}

/** The payload as a stream that fails as soon as there is no more room. */
function measured(request: FastifyRequest, payload: RequestPayload, body: HeldBody): RequestPayload {
  let received = 0;
  const stream: RequestPayload & Transform = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      received += chunk.length;
      body.refused = !body.grow(received);
      if (body.refused) next(noRoom());
      else next(null, chunk);
    },
  });
  // Fastify compares this number with Content-Length. Decompression sets it on the payload.
  Object.defineProperty(stream, 'receivedEncodedLength', { get: () => payload.receivedEncodedLength });
  body.stream = stream;
  // Nothing else listens if Fastify rejects the request without reading its body.
  stream.on('error', () => undefined);
  // Not pipeline(), which would close the connection when the body is rejected.
  payload.pipe(stream);
  finished(payload, (error) => {
    if (error) stream.destroy(error);
  });
  stream.once('close', () => discard(request, payload, body.refused ? MAX_BODY_BYTES : MAX_DISCARDED_BYTES));
  return stream;
}

/**
 * Reads the rest of a body and discards it. A client that sends its whole body before it reads would otherwise see a
 * broken connection instead of the response.
 */
function discard(request: FastifyRequest, payload: RequestPayload, maxBytes: number): void {
  if (payload.readableEnded || payload.destroyed) return;
  let bytes = 0;
  payload.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) request.raw.destroy();
  });
  payload.resume();
}

/** For a compressed body this is only a lower bound. */
const declaredLength = ({ headers }: FastifyRequest): number =>
  Math.min(Number(headers['content-length'] ?? 0) || 0, MAX_BODY_BYTES);

const noRoom = (): AppError =>
  new AppError('UNAVAILABLE', 'too many requests in flight; nothing was stored, try again', {
    retryAfter: RETRY_AFTER.failure,
  });
