/** Responses that are computed from aggregates: computed once, cached as bytes, and sent unchanged. */
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { type Cache, createCache } from '../cache/cache.js';
import type { ServiceMetrics } from '../metrics/service.js';
import { floorTo, HOUR } from '../time.js';
import { MAX_ANSWER_BYTES, tooManyBytes } from '../query/budget.js';
import { type RouteContext, tenantOf } from './context.js';
import { jsonBytes } from './json-bytes.js';

const MAX_CACHE_BYTES = 64 * 1024 * 1024;
/** Time to live in seconds, for a range that includes the current hour. */
const TTL_CURRENT = 10;
/** Time to live in seconds, for a range of past hours. */
const TTL_PAST = 300;
/** Time to live in seconds, for the routes that have their own. */
const TTL: Readonly<Record<string, number>> = {
  'usage-summary': 60,
  overview: 60,
  recommendations: 60,
  'agent-activity': 300,
  'token-trends': 300,
};

export interface ResponseCacheOptions {
  redis: Redis | undefined;
  logger: FastifyBaseLogger;
  metrics: ServiceMetrics;
}

export const createResponseCache = ({ redis, logger, metrics }: ResponseCacheOptions): Cache =>
  createCache({
    redis,
    maxBytes: MAX_CACHE_BYTES,
    log: logger,
    counters: {
      hit: (endpoint) => metrics.cacheHits.inc({ endpoint }),
      miss: (endpoint) => metrics.cacheMisses.inc({ endpoint }),
    },
  });

export interface CachedAnswer {
  /** Name of the route in cache keys and metric labels. */
  endpoint: string;
  /** The query with its defaults and a widened range, so that equal queries have equal keys. */
  query: unknown;
  /** End of the range (exclusive), in milliseconds. */
  to: number;
}

/** End of a range up to now. At the first moment of an hour, that hour is included. */
export const currentHourEnd = (now: number): number => floorTo(now, HOUR) + HOUR;

/** The response body that a reply may send, from the schema of its route. */
type AnswerOf<Reply extends { send: unknown }> = Reply['send'] extends (...args: infer Args) => unknown
  ? Exclude<Args[0], undefined>
  : never;

/** What a response is made of, as bytes from the cache, or computed and cached. Concurrent requests compute it once. */
export async function cachedPart(
  { cache }: Pick<RouteContext, 'cache'>,
  tenantId: string,
  { endpoint, query }: Pick<CachedAnswer, 'endpoint' | 'query'>,
  compute: () => Promise<Buffer>,
): Promise<Buffer> {
  if (cache === undefined) return compute();
  return cache.getOrCompute({ tenantId, endpoint, query, ttlSeconds: TTL[endpoint] ?? TTL_CURRENT }, compute);
}

/**
 * Sends the response from the cache, or computes and caches it.
 * @param compute its result is type-checked against the response schema of the route
 */
export async function sendCached<Reply extends { type: unknown; send: unknown }>(
  { cache, metrics, now }: RouteContext,
  request: FastifyRequest,
  reply: Reply,
  { endpoint, query, to }: CachedAnswer,
  compute: () => Promise<AnswerOf<Reply> & object>,
): Promise<AnswerOf<Reply>> {
  const timed = async (): Promise<Buffer> => {
    const began = performance.now();
    try {
      return await jsonBytes(await compute(), MAX_ANSWER_BYTES, tooManyBytes);
    } finally {
      metrics.queryDuration.observe({ endpoint }, performance.now() - began);
    }
  };
  const ttlSeconds = TTL[endpoint] ?? (to > floorTo(now(), HOUR) ? TTL_CURRENT : TTL_PAST);
  const bytes =
    cache === undefined
      ? await timed()
      : await cache.getOrCompute({ tenantId: tenantOf(request), endpoint, query, ttlSeconds }, timed);
  return asAnswer(reply, bytes);
}

/**
 * Sends a large response that is not cached, in parts that let other work go on.
 * @param answer type-checked against the response schema of the route
 */
export async function sendLarge<Reply extends { type: unknown; send: unknown }>(
  reply: Reply,
  answer: AnswerOf<Reply> & object,
): Promise<AnswerOf<Reply>> {
  return asAnswer(reply, await jsonBytes(answer, MAX_ANSWER_BYTES, tooManyBytes));
}

function asAnswer<Reply extends { type: unknown; send: unknown }>(
  reply: Reply,
  bytes: Buffer,
): AnswerOf<Reply> {
  (reply as unknown as FastifyReply).type('application/json; charset=utf-8');
  // Fastify sends bytes without serializing them. They are the JSON of the response.
  return bytes as unknown as AnswerOf<Reply>;
}
