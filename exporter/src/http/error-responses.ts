/** The error responses that routes document. */
import { Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../errors.js';

export const ErrorSchema = Type.Object(
  {
    code: Type.String({ enum: Object.keys(ERRORS) }),
    message: Type.String(),
    details: Type.Optional(Type.Unknown()),
  },
  { $id: 'Error', additionalProperties: false },
);

/** Errors of every route that requires a token. */
export const AUTHENTICATED: readonly ErrorCode[] = [
  'UNAUTHORIZED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
];

/**
 * The error responses by status. They have no static type, so that a route's handler is only checked against the schema
 * of its success: errors are thrown.
 */
export function errorResponses(...codes: readonly ErrorCode[]): object {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(ERRORS[code], [...(byStatus.get(ERRORS[code]) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      { description: names.map((name) => `\`${name}\``).join(', '), $ref: 'Error#' },
    ]),
  );
}
