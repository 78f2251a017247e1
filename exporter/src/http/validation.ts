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

/** No text of the database can hold it, whatever the schema of the parameter says. */
const refuseNul: preHandlerHookHandler = ({ query, routeOptions }, _reply, done) => {
  const parameters = Object.entries((query ?? {}) as Record<string, unknown>);
  const [name] = parameters.find(([, value]) => typeof value === 'string' && value.includes('\0')) ?? [];
  if (name === undefined) return done();
  const { properties } = (routeOptions.schema?.querystring ?? {}) as { properties?: Record<string, object> };
  done(new AppError(codeOf(properties?.[name]), `query parameter ${name} must not contain U+0000`));
};

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
