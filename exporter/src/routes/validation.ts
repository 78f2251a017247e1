/** Schemas into validators, and what they refuse into messages that say what would be right. */
import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import type { FastifyError, FastifySchema, FastifySchemaCompiler } from 'fastify';
import { AppError, type ErrorCode, ERRORS } from '../errors.js';
import { ID_PATTERN } from '../ids.js';
import { ERROR_CODE, NO_NUL } from './schemas.js';

// Nothing is removed or filled in silently: a mistyped filter is an error.
const options = {
  removeAdditional: false,
  useDefaults: false,
  allErrors: false,
  strict: false,
  verbose: true,
} as const;

// ajv-formats is CommonJS with a default export of its own.
const addFormats = formats as unknown as typeof formats.default;

/** A query string has only text, so its numbers are read from it; a body has types, and they are held to. */
const text = new Ajv({ ...options, coerceTypes: true });
const typed = new Ajv({ ...options, coerceTypes: false });
addFormats(text);
addFormats(typed);

export const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? typed : text).compile(schema);

const PLACES: Record<string, string> = {
  querystring: 'query parameter',
  body: 'field',
  params: 'path parameter',
  headers: 'header',
};

/** What a pattern wants, in words. */
const PATTERNS: Record<string, string> = {
  [ID_PATTERN]: 'must be 1 to 128 printable characters without white space',
  [NO_NUL]: 'must not hold U+0000',
};

/** The first thing that a validator refused, as an error of the catalogue. */
export function validationError({ validation, validationContext = 'body' }: FastifyError): AppError {
  const [first] = (validation ?? []) as unknown as ErrorObject[];
  if (first === undefined) return new AppError('VALIDATION_ERROR', 'the request is not valid');
  const place = PLACES[validationContext] ?? validationContext;
  const path = first.instancePath.slice(1).replaceAll('/', '.');
  const named: unknown = (first.parentSchema as Record<string, unknown> | undefined)?.[ERROR_CODE];
  const code = typeof named === 'string' && named in ERRORS ? (named as ErrorCode) : 'VALIDATION_ERROR';
  return new AppError(code, messageFor(first, place, path), {
    details: [{ in: validationContext, path, problem: first.message }],
  });
}

function messageFor(
  { keyword, params, message, parentSchema }: ErrorObject,
  place: string,
  path: string,
): string {
  const known = Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {}).join(
    ', ',
  );
  const within = path === '' ? '' : ` in ${path}`;
  switch (keyword) {
    case 'additionalProperties':
      return `unknown ${place} "${String(params.additionalProperty).slice(0, 64)}"${within}; known are ${known || 'none'}`;
    case 'required':
      return `${place} "${String(params.missingProperty)}"${within} is missing`;
    case 'enum':
      return `${place} ${path} must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
    case 'pattern':
      return `${place} ${path} ${PATTERNS[String(params.pattern)] ?? message}`;
    default:
      return path === ''
        ? `the ${place === 'field' ? 'body' : place} ${message ?? 'is not valid'}`
        : `${place} ${path} ${message ?? 'is not valid'}`;
  }
}
