/** Options that every route of a kind shares: its scope, its tags and its errors. */
import type { TSchema } from 'typebox';
import type { Scope } from '../auth/principal.js';
import type { ErrorCode } from '../errors.js';
import { bearer, errorResponses, GUARDED, NoQuery, READ } from './schemas.js';

interface Described {
  summary: string;
  tag:
    | 'Identity usage'
    | 'Query'
    | 'Operations'
    | 'Events in'
    | 'Executions in'
    | 'Executions and cost'
    | 'Budgets';
  description?: string;
  /** Errors beyond those of every route of its kind. */
  errors?: ErrorCode[];
}

/** Options of an analytics read. */
export function readRoute<Q extends TSchema, B extends TSchema, P extends TSchema, A extends TSchema>(
  described: Described & { querystring?: Q; body?: B; params?: P; answer: A },
) {
  const { summary, tag, description, body, params, answer, errors = [] } = described;
  const querystring = described.querystring ?? NoQuery;
  return {
    config: { scope: 'analytics:read' as Scope, tiered: true },
    schema: {
      summary,
      description,
      tags: [tag],
      security: bearer,
      // The router takes a part that is there but undefined for a mistake.
      ...({
        querystring,
        ...(body && { body }),
        ...(params && { params }),
      } as unknown as { querystring: Q; body: B; params: P }),
      response: { 200: answer, ...errorResponses(...READ, ...errors) },
    },
  };
}

/** Options of a write. */
export function writeRoute<B extends TSchema, A extends TSchema, P extends TSchema>(
  described: Described & { body: B; params?: P; answer: A },
) {
  const { summary, tag, description, body, params, answer, errors = [] } = described;
  return {
    config: { scope: 'analytics:write' as Scope },
    schema: {
      summary,
      description,
      tags: [tag],
      security: bearer,
      querystring: NoQuery,
      body,
      // The router takes a part that is there but undefined for a mistake.
      ...((params && { params }) as unknown as { params: P }),
      response: { 200: answer, ...errorResponses(...GUARDED, 'VALIDATION_ERROR', ...errors) },
    },
  };
}

/** Options of what an administrator changes, such as prices; `answers` by status. */
export function changeRoute<B extends TSchema, P extends TSchema, A extends Record<number, TSchema>>(
  described: Described & { body?: B; params?: P; answers: A; scope?: Scope },
) {
  const {
    summary,
    tag,
    description,
    body,
    params,
    answers,
    errors = [],
    scope = 'analytics:admin',
  } = described;
  return {
    config: { scope },
    schema: {
      summary,
      description,
      tags: [tag],
      security: bearer,
      querystring: NoQuery,
      // The router takes a part that is there but undefined for a mistake.
      ...({ ...(body && { body }), ...(params && { params }) } as unknown as { body: B; params: P }),
      response: { ...answers, ...errorResponses(...GUARDED, 'VALIDATION_ERROR', ...errors) },
    },
  };
}
