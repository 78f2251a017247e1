/**
 * How much of the bodies of all ways in is held in memory: counted as it comes, unpacked, until the request is answered,
 * because its transaction holds it until then. Fair to every tenant.
 */
import type { FastifyRequest, RequestPayload, RouteShorthandOptions } from 'fastify';
import { AppError, ERRORS } from '../errors.js';
import { MAX_BODY_BYTES } from '../facts/event/wire.js';
import { type RouteContext, tenantOf } from './context.js';

/** Of all bodies; what is made of one while it is written takes several times as much. */
export const MAX_BYTES = 128 * 1024 * 1024;
/** Half of them: then there is room for others. */
export const MAX_BYTES_A_TENANT = MAX_BYTES / 2;
/** Seconds after which a client may try again. */
const RETRY_AFTER = 5;

export class Admission {
  private readonly tenants = new Map<string, number>();
  private all = 0;

  /** Bytes that are held at the moment. */
  get bytes(): number {
    return this.all;
  }

  /** Holds so many bytes more (or fewer); false, and nothing changed, where there is no room for them. */
  hold(tenantId: string, bytes: number): boolean {
    const ofTenant = (this.tenants.get(tenantId) ?? 0) + bytes;
    if (bytes > 0 && (ofTenant > MAX_BYTES_A_TENANT || this.all + bytes > MAX_BYTES)) return false;
    this.all += bytes;
    if (ofTenant > 0) this.tenants.set(tenantId, ofTenant);
    else this.tenants.delete(tenantId);
    return true;
  }
}

/** One body of those. */
export class HeldBody {
  /** While it was coming, because there was no room for more of it. */
  refused = false;
  private bytes = 0;
  private released = false;

  constructor(
    private readonly admission: Admission,
    private readonly tenantId: string,
  ) {}

  /** To so many bytes in all; false where there is no room for them. What comes after the release is thrown away by the server. */
  grow(bytes: number): boolean {
    if (this.released || bytes <= this.bytes) return true;
    if (!this.admission.hold(this.tenantId, bytes - this.bytes)) return false;
    this.bytes = bytes;
    return true;
  }

  release(): void {
    this.released = true;
    this.admission.hold(this.tenantId, -this.bytes);
    this.bytes = 0;
  }
}

/** What every way in shares: how large its bodies may be, that they are admitted, and that its failures are counted. */
export function wayIn({
  admission,
  metrics,
}: RouteContext): Required<Pick<RouteShorthandOptions, 'bodyLimit' | 'preParsing' | 'onSend'>> {
  return {
    bodyLimit: MAX_BODY_BYTES,
    // Behind the one that unpacks, which stands before those of a route.
    preParsing: (request, _reply, payload, done) => {
      // Of a client that has left meanwhile no end of the body would ever be heard, and so no answer be sent.
      if (request.raw.destroyed) return done(new AppError('VALIDATION_ERROR', 'the client has left'));
      const body = new HeldBody(admission, tenantOf(request));
      request.heldBody = body;
      // A body that says how long it is, and is too long, is refused before it is read.
      if (!body.grow(declaredLength(request))) {
        throwAway(request, payload);
        return done(tooMuch());
      }
      let received = 0;
      const count = (chunk: Buffer): void => {
        received += chunk.length;
        if (body.grow(received)) return;
        payload.off('data', count);
        refuse(request, payload, own);
      };
      payload.on('data', count);
      const own = new Set<unknown>(payload.listeners('error'));
      done(null, payload);
    },
    // Every request that was admitted comes by here, that of a client who has left as well.
    onSend: (request, reply, _payload, done) => {
      request.heldBody?.release();
      if (request.heldBody !== undefined && reply.statusCode >= ERRORS.INTERNAL_ERROR)
        metrics.ingestFailures.inc();
      done();
    },
  };
}

/**
 * Refuses a body that is still coming. The rest of it is read and thrown away: a client that sends all of its body before
 * it reads would see a broken connection in place of the answer. Therefore only who reads the body hears of the error;
 * those who unpack it would end the connection.
 * @param own listeners of before the body was given to whoever reads it
 */
function refuse(request: FastifyRequest, payload: RequestPayload, own: ReadonlySet<unknown>): void {
  request.heldBody!.refused = true;
  for (const listener of payload.listeners('error'))
    if (!own.has(listener)) listener.call(payload, tooMuch());
  throwAway(request, payload);
}

function throwAway(request: FastifyRequest, payload: RequestPayload): void {
  let bytes = 0;
  payload.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    // More than any body that is taken.
    if (bytes > MAX_BODY_BYTES) request.raw.destroy();
  });
  payload.resume();
}

/** Of a packed body the least that it can be. */
const declaredLength = ({ headers }: FastifyRequest): number =>
  Math.min(Number(headers['content-length'] ?? 0) || 0, MAX_BODY_BYTES);

const tooMuch = (): AppError =>
  new AppError('UNAVAILABLE', 'too much is under way already; nothing was acknowledged', {
    retryAfter: RETRY_AFTER,
  });
