/** Answers made from aggregates: computed once, kept as bytes, sent as they are. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { floorTo, HOUR } from '../time.js';
import { type RouteContext, tenantOf } from './context.js';

const FRESH_SECONDS = 10;
const SETTLED_SECONDS = 300;

/** Seconds that an answer is kept, where a route has a time of its own. */
export const TTL: Readonly<Record<string, number>> = {
  'usage-summary': 60,
  overview: 60,
  'agent-activity': 300,
  'token-trends': 300,
};

export interface CachedAnswer {
  /** The route's name: in the cache's keys and the metrics' labels. */
  endpoint: string;
  /** Normalised: defaults filled in and the range widened, so that equal questions are equal. */
  query: unknown;
  /** End of the range, excluded, milliseconds: one that includes the current hour is kept for a short time. */
  to: number;
}

/** End of a range up to now, at the first moment of an hour too. */
export const currentHourEnd = (now: number): number => floorTo(now, HOUR) + HOUR;

export async function sendCached(
  { cache, metrics, now }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { endpoint, query, to }: CachedAnswer,
  compute: () => Promise<unknown>,
): Promise<FastifyReply> {
  const timed = async (): Promise<Buffer> => {
    const began = performance.now();
    try {
      return Buffer.from(JSON.stringify(await compute()));
    } finally {
      metrics.queryDuration.observe({ endpoint }, performance.now() - began);
    }
  };
  const ttlSeconds = TTL[endpoint] ?? (to > floorTo(now(), HOUR) ? FRESH_SECONDS : SETTLED_SECONDS);
  const bytes =
    cache === undefined
      ? await timed()
      : await cache.getOrCompute({ tenantId: tenantOf(request), endpoint, query, ttlSeconds }, timed);
  return reply.type('application/json; charset=utf-8').send(bytes);
}
