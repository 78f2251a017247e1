/**
 * A limit on the memory of request bodies, for all ingest routes together and for each tenant. A body counts from its
 * first byte, decompressed, until its request is answered, because the transaction holds it until then.
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

/** For all bodies. Processing a body takes several times its own size. */
export const MAX_BYTES = 128 * 1024 * 1024;
/** Half of all, so that one tenant always leaves room for others. */
export const MAX_BYTES_A_TENANT = MAX_BYTES / 2;

/** How much of a body that is too large, or of a wrong type, is read and thrown away. Its client may see no answer beyond. */
export const MAX_DISCARDED_BYTES = 256 * 1024 * 1024;

/** Counts the bytes that are held. */
export class Admission {
  private readonly tenants = new Map<string, number>();
  private all = 0;

  /** Bytes that are held now. */
  get bytes(): number {
    return this.all;
  }

  /**
   * Holds `bytes` more; a negative number gives them back.
   * @returns false, with nothing changed, if there is no room
   */
  hold(tenantId: string, bytes: number): boolean {
    const ofTenant = (this.tenants.get(tenantId) ?? 0) + bytes;
    if (bytes > 0 && (ofTenant > MAX_BYTES_A_TENANT || this.all + bytes > MAX_BYTES)) return false;
    this.all += bytes;
    if (ofTenant > 0) this.tenants.set(tenantId, ofTenant);
    else this.tenants.delete(tenantId);
    return true;
  }
}

/** The share of one body. */
class HeldBody {
  /** Whether the body was refused while it arrived. */
  refused = false;
  /** What reads the body. */
  stream: Transform | undefined;
  private bytes = 0;
  private released = false;

  constructor(
    private readonly admission: Admission,
    private readonly tenantId: string,
  ) {}

  /**
   * @param bytes in all
   * @returns false if there is no room for them
   */
  grow(bytes: number): boolean {
    // After the release the rest of a body is discarded, so it holds no memory.
    if (this.released || bytes <= this.bytes) return true;
    if (!this.admission.hold(this.tenantId, bytes - this.bytes)) return false;
    this.bytes = bytes;
    return true;
  }

  /** Frees the share. The rest of a body that nobody reads is discarded. */
  release(): void {
    this.released = true;
    this.stream?.destroy();
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
    // Hooks of a route run after those of plugins, so the payload is decompressed already.
    preParsing: (request, _reply, payload, done) => {
      // If the client has disconnected, "end" never fires and no answer can be sent.
      if (request.raw.destroyed) return done(new AppError('VALIDATION_ERROR', 'the client has left'));
      const body = new HeldBody(admission, request.principal.tenantId);
      request.heldBody = body;
      if (!body.grow(declaredLength(request))) {
        discard(request, payload, MAX_BODY_BYTES);
        return done(noRoom());
      }
      done(null, measured(request, payload, body));
    },
    // Runs for every admitted request, also when the client has disconnected.
    onSend: (request, reply, _payload, done) => {
      request.heldBody?.release();
      if (request.heldBody !== undefined && reply.statusCode >= ERRORS.INTERNAL_ERROR)
        metrics.ingestFailures.inc();
      done();
    },
  };
}

/** The payload as a stream that fails as soon as there is no room for more of it. */
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
  // Fastify compares it with Content-Length. Decompression sets it on the payload.
  Object.defineProperty(stream, 'receivedEncodedLength', { get: () => payload.receivedEncodedLength });
  body.stream = stream;
  // Nobody else listens if Fastify refuses the request without reading its body.
  stream.on('error', () => undefined);
  // Not pipeline(), which would end the connection when the body is refused.
  payload.pipe(stream);
  finished(payload, (error) => {
    if (error) stream.destroy(error);
  });
  stream.once('close', () => discard(request, payload, body.refused ? MAX_BODY_BYTES : MAX_DISCARDED_BYTES));
  return stream;
}

/**
 * Reads the rest of a body and throws it away, because a client that sends all of its body before it reads would see a
 * broken connection instead of the answer.
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
  new AppError('UNAVAILABLE', 'too much is under way already; nothing was acknowledged', {
    retryAfter: RETRY_AFTER.failure,
  });
