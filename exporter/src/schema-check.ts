/** Compiles schemas into validators, and turns their errors into messages that say what is expected. */
import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import { parseTime, TIME_WANTED } from './time.js';
import { ID_PATTERN, NO_NUL, UUID_PATTERN } from './ids.js';

// Nothing is removed or filled in silently, so that a mistyped filter is an error.
const options = {
  removeAdditional: false,
  useDefaults: false,
  allErrors: false,
  strict: false,
  verbose: true,
} as const;

// ajv-formats is CommonJS: its default export is a property of the imported module.
const addFormats = formats as unknown as typeof formats.default;

/** For untyped input such as a query string: converts text to numbers, and a single value to a list. */
export const textChecks = new Ajv({ ...options, coerceTypes: 'array' });
/** For typed input such as JSON: converts nothing. */
export const typedChecks = new Ajv({ ...options, coerceTypes: false });
for (const checks of [textChecks, typedChecks]) {
  addFormats(checks);
  // Same rule as everywhere else in the service, and several times as fast as the library's pattern.
  checks.addFormat('date-time', (text) => parseTime(text) !== undefined);
}

/** Messages by pattern. */
const PATTERNS: Record<string, string> = {
  [ID_PATTERN]: 'must be 1 to 128 printable characters without white space',
  [UUID_PATTERN]: 'must be a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057',
  [NO_NUL]: 'must not contain U+0000',
};

/** Messages by format. */
const FORMATS: Record<string, string> = {
  'date-time': `must be ${TIME_WANTED}`,
};

/** Path of the invalid part, such as `steps.0.content`; empty for the value as a whole. */
export const pathOf = ({ instancePath }: ErrorObject): string => instancePath.slice(1).replaceAll('/', '.');

/**
 * Describes the error in one sentence.
 * @param place what to call a part of the value, such as `field`
 * @param whole what to call the value
 */
export function describeError(error: ErrorObject, place: string, whole: string): string {
  const { keyword, params, message, parentSchema } = error;
  // Without the index: the sender of a repeated query parameter does not think of it as a list.
  const path = place === 'query parameter' ? pathOf(error).replace(/\.\d+$/, '') : pathOf(error);
  const properties = (parentSchema as { properties?: object } | undefined)?.properties;
  const known = Object.keys(properties ?? {}).join(', ');
  const within = path === '' ? '' : ` in ${path}`;
  switch (keyword) {
    case 'additionalProperties':
      return `unknown ${place} "${String(params.additionalProperty).slice(0, 64)}"${within}; expected ${known === '' ? 'none' : `one of ${known}`}`;
    case 'required':
      return `${place} "${String(params.missingProperty)}"${within} is missing`;
    case 'enum':
      return `${place} ${path} must be one of ${(params.allowedValues as unknown[]).filter((value) => value !== null).join(', ')}`;
    case 'pattern':
      return `${place} ${path} ${PATTERNS[String(params.pattern)] ?? message}`;
    case 'format':
      return `${place} ${path} ${FORMATS[String(params.format)] ?? message}`;
    case 'type':
      return `${path === '' ? `the ${whole}` : `${place} ${path}`} must be ${[params.type].flat().join(' or ')}`;
    default:
      return path === ''
        ? `the ${whole} ${message ?? 'is not valid'}`
        : `${place} ${path} ${message ?? 'is not valid'}`;
  }
}
