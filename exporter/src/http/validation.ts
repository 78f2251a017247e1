/** Request validation, and validation errors as errors of the catalogue. */
import type { ErrorObject, ValidateFunction } from 'ajv';
import type {
  FastifyError,
  FastifySchema,
  FastifySchemaCompiler,
  preHandlerHookHandler,
  preValidationHookHandler,
} from 'fastify';
import plugin from 'fastify-plugin';
import { AppError, type ErrorCode, ERRORS } from '../errors.js';
import { describeError, pathOf, textChecks, typedChecks } from '../schema-check.js';
import { ERROR_CODE } from '../schemas.js';

/** Compiled at its first request, as serializers are at their first response. */
export const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) => {
  let check: ValidateFunction | undefined;
  const validate = (data: unknown): boolean => {
    check ??= (httpPart === 'body' ? typedChecks : textChecks).compile(schema);
    const isValid = check(data);
    validate.errors = check.errors;
    return isValid;
  };
  validate.errors = undefined as ValidateFunction['errors'];
  return validate;
};

/** Only the path of a DELETE says what it deletes, so its body must have no fields. */
const refuseFieldsOfDelete: preValidationHookHandler = ({ method, body }, _reply, done) => {
  if (method !== 'DELETE' || body == null) return done();
  const isObject = typeof body === 'object' && !Array.isArray(body);
  const [field] = isObject ? Object.keys(body) : [];
  if (isObject && field === undefined) return done();
  const problem = isObject ? `unknown field "${field?.slice(0, 64)}"` : 'the body is not an object';
  done(new AppError('VALIDATION_ERROR', `${problem}; DELETE takes no fields`));
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The handler checks each item of the body by itself, and refuses or mends those with U+0000. */
    checksItems?: boolean;
  }
}

/** No text of the database can hold it, whatever the schema of the part says. */
const refuseNul: preHandlerHookHandler = ({ params, query, body, routeOptions }, _reply, done) => {
  const { schema, config } = routeOptions;
  const parts = [
    { name: 'params', value: params, schema: schema?.params },
    { name: 'querystring', value: query, schema: schema?.querystring },
    ...(config.checksItems === true ? [] : [{ name: 'body', value: body, schema: schema?.body }]),
  ];
  for (const part of parts) {
    const path = placeOfNul(part.value);
    if (path === undefined) continue;
    const { properties } = (part.schema ?? {}) as { properties?: Record<string, object> };
    const place = `${PLACES[part.name]} ${path.join('.')}`.trim();
    return done(new AppError(codeOf(properties?.[path[0] ?? '']), `${place} must not contain U+0000`));
  }
  done();
};

/** Where the first text with U+0000 is; undefined if there is none. */
function placeOfNul(value: unknown): string[] | undefined {
  if (typeof value === 'string') return value.includes('\0') ? [] : undefined;
  // Bytes have a reader of their own.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (key.includes('\0')) return [];
    const path = placeOfNul(inner);
    if (path !== undefined) return Array.isArray(value) ? path : [key, ...path];
  }
  return undefined;
}

/** The code of what breaks a schema. */
function codeOf(schema: object | undefined): ErrorCode {
  const named: unknown = (schema as Record<string, unknown> | undefined)?.[ERROR_CODE];
  return typeof named === 'string' && named in ERRORS ? (named as ErrorCode) : 'VALIDATION_ERROR';
}

export const validation = plugin(
  async (app) => {
    app.setValidatorCompiler(compileValidator);
    app.addHook('preValidation', refuseFieldsOfDelete);
    app.addHook('preHandler', refuseNul);
  },
  { name: 'validation' },
);

const PLACES: Record<string, string> = {
  querystring: 'query parameter',
  body: 'field',
  params: 'path parameter',
  headers: 'header',
};

/** The first validation error, as an error of the catalogue. */
export function validationError({ validation, validationContext = 'body' }: FastifyError): AppError {
  const [first] = (validation ?? []) as unknown as ErrorObject[];
  if (first === undefined) return new AppError('VALIDATION_ERROR', 'the request is not valid');
  const place = PLACES[validationContext] ?? validationContext;
  const message = describeError(first, place, place === 'field' ? 'body' : place);
  // A parameter that is sent twice is not a value of the kind that the code is about.
  const code = first.keyword === 'type' ? 'VALIDATION_ERROR' : codeOf(first.parentSchema);
  return new AppError(code, message, {
    details: [{ in: validationContext, path: pathOf(first), problem: first.message }],
  });
}
