/** Route options by kind of route: scope, tag, security and error responses. */
import type { FastifyContextConfig } from 'fastify';
import type { TSchema } from 'typebox';
import type { Scope } from '../auth/principal.js';
import type { ErrorCode } from '../errors.js';
import { Strict } from '../schemas.js';
import { AUTHENTICATED, errorResponses } from './error-responses.js';
import type { Tag } from './tags.js';

/** For a route without query parameters, so that any parameter is rejected. */
export const NoQuery = Strict({});
export const bearer = [{ bearer: [] }];

interface Described {
  summary: string;
  tag: Tag;
  description?: string;
  /** Errors in addition to those of every route of its kind. */
  errors?: readonly ErrorCode[];
  config?: Pick<FastifyContextConfig, 'queued' | 'endless' | 'accepts' | 'checksItems'>;
}

interface Parts<Q extends TSchema, B extends TSchema, P extends TSchema> {
  querystring?: Q;
  body?: B;
  params?: P;
  headers?: TSchema;
}

interface Kind {
  scope: Scope;
  tiered?: true;
  errors: readonly ErrorCode[];
}

/** Requires no token, such as a health check; `answers` by status. */
export const openRoute = <R extends object>({
  summary,
  tag,
  answers,
}: Pick<Described, 'summary' | 'tag'> & { answers: R }) => ({
  schema: { summary, tags: [tag], querystring: NoQuery, response: answers },
});

/** A read of analytics: scope `analytics:read`, not part of the free tier. */
export const readRoute = <Q extends TSchema, B extends TSchema, P extends TSchema, A extends TSchema>(
  route: Described & Parts<Q, B, P> & { answer: A },
) => routeOptions(route, { 200: route.answer } as { 200: A }, READ);

/** A read whose answer comes later: 202. */
export const laterRoute = <Q extends TSchema, B extends TSchema, P extends TSchema, A extends TSchema>(
  route: Described & Parts<Q, B, P> & { answer: A },
) => routeOptions(route, { 202: route.answer } as { 202: A }, READ);

const READ: Kind = {
  scope: 'analytics:read',
  tiered: true,
  errors: ['VALIDATION_ERROR', 'TOO_LARGE', 'ANALYTICS_NOT_AVAILABLE'],
};

/** A write: scope `analytics:write`; `answers` by status. */
export const writeRoute = <
  Q extends TSchema,
  B extends TSchema,
  P extends TSchema,
  R extends Record<number, TSchema>,
>(
  route: Described & Parts<Q, B, P> & { answers: R },
) => routeOptions(route, route.answers, { scope: 'analytics:write', errors: ['VALIDATION_ERROR'] });

/** A change of settings such as prices: scope `analytics:admin`; `answers` by status. */
export const adminRoute = <
  Q extends TSchema,
  B extends TSchema,
  P extends TSchema,
  R extends Record<number, TSchema>,
>(
  route: Described & Parts<Q, B, P> & { answers: R },
) => routeOptions(route, route.answers, { scope: 'analytics:admin', errors: ['VALIDATION_ERROR'] });

function routeOptions<Q extends TSchema, B extends TSchema, P extends TSchema, R>(
  {
    summary,
    tag,
    description,
    querystring,
    body,
    params,
    headers,
    errors = [],
    config,
  }: Described & Parts<Q, B, P>,
  answers: R,
  kind: Kind,
) {
  const { scope, tiered } = kind;
  return {
    config: { scope, ...(tiered && { tiered }), ...config },
    schema: {
      summary,
      description,
      tags: [tag],
      security: bearer,
      // Fastify rejects a schema with a part that is present but undefined.
      ...({
        querystring: querystring ?? NoQuery,
        ...(body && { body }),
        ...(params && { params }),
        ...(headers && { headers }),
      } as unknown as { querystring: Q; body: B; params: P }),
      response: { ...answers, ...errorResponses(...AUTHENTICATED, ...kind.errors, ...errors) },
    },
  };
}
