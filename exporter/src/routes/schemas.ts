/** Pieces of schemas that several routes share. */
import { type TSchema, Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../errors.js';
import { ID_PATTERN, UUID_PATTERN } from '../ids.js';
import { type FactKind, refusalCodes } from '../facts/refusal.js';
import { MAX_PAGE } from '../query/reports/cursor.js';

/** Codes that a schema may name for what it refuses; VALIDATION_ERROR where it names none. */
export const ERROR_CODE = 'x-error-code';

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Strict = <T extends Record<string, TSchema>>(properties: T, options: object = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** Of a route without query parameters: whatever is sent is unknown. */
export const NoQuery = Strict({});

export const DateText = (description: string) =>
  Type.String({ description, examples: ['2026-03-06'], format: 'date' });
export const TimeText = (description: string) => Type.String({ description, format: 'date-time' });
export const Id = (description: string) => Type.String({ pattern: ID_PATTERN, description });
/** What is no UUID is no execution either. */
export const ExecutionParams = Strict({
  id: Type.String({
    pattern: UUID_PATTERN,
    [ERROR_CODE]: 'EXECUTION_NOT_FOUND',
    description: 'The execution.',
  }),
});
export const Count = (description: string) => Type.Integer({ minimum: 0, description });
export const Percent = (description: string) =>
  Nullable(Type.Number({ description: `${description} Percent, 0 to 100; null where nothing was counted.` }));

// Checked by the report, which says what is wrong with a date, and not by the schema.
const dateParameter = (description: string) =>
  Type.Optional(Type.String({ description, examples: ['2026-03-06'] }));
export const periodParameters = {
  from: dateParameter('First day, UTC. Default: 30 days before `to`.'),
  to: dateParameter('Last day, UTC, included. Default: today.'),
};
export const pageParameters = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: MAX_PAGE, description: 'Agents a page.' }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: '`nextCursor` of the page before.' }),
  ),
};
export const agentParameter = { agentId: Type.Optional(Id('Only this agent.')) };

export const Period = Strict({ from: DateText('First day.'), to: DateText('Last day, included.') });
/** What has become of a request of facts; `what` was new, `same` was known. */
export const AnswerOf = (kind: FactKind, what: string, same: string) =>
  Strict({
    accepted: Count(`${what}, durable now.`),
    duplicates: Count(same),
    rejected: Type.Array(
      Strict({
        index: Type.Integer({ minimum: 0, description: 'Position in the request.' }),
        code: Type.String({ enum: refusalCodes(kind) }),
        message: Type.String(),
      }),
    ),
  });
export const NextCursor = Type.Optional(Type.String({ description: 'Present where there is more.' }));

export const ErrorSchema = Type.Object(
  {
    code: Type.String({ enum: Object.keys(ERRORS) }),
    message: Type.String(),
    details: Type.Optional(Type.Unknown()),
  },
  { $id: 'Error', additionalProperties: false },
);

/** The error responses of a route, by status. */
export function errorResponses(...codes: ErrorCode[]): Record<number, unknown> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(ERRORS[code], [...(byStatus.get(ERRORS[code]) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      { description: names.map((name) => `\`${name}\``).join(', '), $ref: 'Error#' },
    ]),
  );
}

/** What every route with a token may answer. */
export const GUARDED: ErrorCode[] = [
  'UNAUTHORIZED',
  'FORBIDDEN',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
  'UNAVAILABLE',
];
/** What every analytics read may answer. */
export const READ: ErrorCode[] = [...GUARDED, 'VALIDATION_ERROR', 'ANALYTICS_NOT_AVAILABLE'];

export const bearer = [{ bearer: [] }];
