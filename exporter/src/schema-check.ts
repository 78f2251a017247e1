/** Schemas into validators, and what they refuse into words that say what would be right. */
import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import { parseTime, TIME_WANTED } from './time.js';
import { ID_PATTERN, NO_NUL, UUID_PATTERN } from './ids.js';

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

/** For what has only text, such as a query string: its numbers are read from it, and a list may have one value. */
export const textChecks = new Ajv({ ...options, coerceTypes: 'array' });
/** For what has types: they are held to. */
export const typedChecks = new Ajv({ ...options, coerceTypes: false });
for (const checks of [textChecks, typedChecks]) {
  addFormats(checks);
  // Times are what the service reads as one; the library's pattern takes several times as long to say so.
  checks.addFormat('date-time', (text) => parseTime(text) !== undefined);
}

/** What a pattern wants, in words. */
const PATTERNS: Record<string, string> = {
  [ID_PATTERN]: 'must be 1 to 128 printable characters without white space',
  [UUID_PATTERN]: 'must be a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057',
  [NO_NUL]: 'must not hold U+0000',
};

/** What a format wants, in words. */
const FORMATS: Record<string, string> = {
  'date-time': `must be ${TIME_WANTED}`,
};

/** Where in a value the error lies: `steps.0.content`; empty for the whole. */
export const pathOf = ({ instancePath }: ErrorObject): string => instancePath.slice(1).replaceAll('/', '.');

/**
 * The error in a sentence.
 * @param place what the parts of the value are called, such as `field`
 * @param whole what the value is called
 */
export function describeError(error: ErrorObject, place: string, whole: string): string {
  const { keyword, params, message, parentSchema } = error;
  // A repeated query parameter has no places that its sender would know of.
  const path = place === 'query parameter' ? pathOf(error).replace(/\.\d+$/, '') : pathOf(error);
  const properties = (parentSchema as { properties?: object } | undefined)?.properties;
  const known = Object.keys(properties ?? {}).join(', ');
  const within = path === '' ? '' : ` in ${path}`;
  switch (keyword) {
    case 'additionalProperties':
      return `unknown ${place} "${String(params.additionalProperty).slice(0, 64)}"${within}; known are ${known || 'none'}`;
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
