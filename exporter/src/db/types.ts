import pg from 'pg';

const { builtins } = pg.types;
const INT8_ARRAY = 1016;
const DATE_ARRAY = 1182;
const TEXT_ARRAY = 1009;

/** @throws RangeError above 2^53 - 1, where a number would lose precision */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is too large for a number`);
  return value;
}

type Parser = (text: string) => unknown;
type Nested = string | null | Nested[];

/** pg's types list only some of the OIDs that it has parsers for. */
const defaultParser = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => Parser;

/** Parses an array: pg splits it as a text array, then each element is parsed. */
function arrayOf(parse: Parser): Parser {
  const split = defaultParser(TEXT_ARRAY);
  const apply = (value: Nested): unknown =>
    Array.isArray(value) ? value.map(apply) : value === null ? null : parse(value);
  return (text) => apply(split(text) as Nested[]);
}

const asText: Parser = (text) => text;

const PARSERS = new Map<number, Parser>([
  [builtins.INT8, parseInt8],
  [INT8_ARRAY, arrayOf(parseInt8)],
  [builtins.DATE, asText],
  [DATE_ARRAY, arrayOf(asText)],
]);

/**
 * Maps bigint (and so count and sum of integers) to number, and date to 'YYYY-MM-DD'. Other types are as in pg: numeric is
 * a string, timestamptz a Date. Set per pool, because pg's own parsers are global to the process.
 */
export const typeParsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): Parser =>
    (format !== 'binary' && PARSERS.get(oid)) || defaultParser(oid, format),
} as pg.CustomTypesConfig;
