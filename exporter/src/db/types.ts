import pg from 'pg';

const { builtins } = pg.types;
const INT8_ARRAY = 1016;
const DATE_ARRAY = 1182;
const TEXT_ARRAY = 1009;

/** @throws RangeError above 2^53 - 1, where a number would silently become another one */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is too large for a number`);
  return value;
}

type Parser = (text: string) => unknown;
type Nested = string | null | Nested[];

/** The typings of pg know few of the type numbers that it has parsers for. */
const parserOfPg = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => Parser;

/** For arrays: pg's own parser of text arrays, then the element's. */
function eachOf(parse: Parser): Parser {
  const split = parserOfPg(TEXT_ARRAY);
  const apply = (value: Nested): unknown =>
    Array.isArray(value) ? value.map(apply) : value === null ? null : parse(value);
  return (text) => apply(split(text) as Nested[]);
}

const asText: Parser = (text) => text;

const PARSERS = new Map<number, Parser>([
  [builtins.INT8, parseInt8],
  [INT8_ARRAY, eachOf(parseInt8)],
  [builtins.DATE, asText],
  [DATE_ARRAY, eachOf(asText)],
]);

/**
 * bigint (so count and sum of integers) is a number, date is 'YYYY-MM-DD', numeric is a string,
 * timestamptz a Date; the rest is as pg has it. For one pool: pg's own parsers are global to the process.
 */
export const typeParsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): Parser =>
    (format !== 'binary' && PARSERS.get(oid)) || parserOfPg(oid, format),
} as pg.CustomTypesConfig;
