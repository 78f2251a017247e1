/** The types of the columns of facts. */
import { type TSchema, Type } from 'typebox';
import { formatUsd, parseUsd, toWireOfOne, type Usd } from '../money.js';
import { ID_PATTERN, NO_NUL, UUID_PATTERN } from '../ids.js';
import { UsdOfOne } from '../schemas.js';
import { formatTime, parseTime } from '../time.js';
import {
  bigintArray,
  booleanArray,
  doubleArray,
  integerArray,
  smallintArray,
  textArray,
  timestampArray,
  uuidArray,
} from './arrays.js';
import type { ColumnType } from './column.js';
import { storableText } from './text.js';

export const MAX_NAME_LENGTH = 256;
const MAX_INT = 2_147_483_647;
/** Of one kind in one count, and of all usages of an execution. */
export const MAX_TOKENS = 1_000_000_000_000;
const MAX_COST_USD = 1_000_000_000;
const MAX_MILLISECONDS = 1e12;

/** A description only where there is one. */
const described = (description: string | undefined): { description?: string } =>
  description === undefined ? {} : { description };

const plainText = (sent: TSchema): ColumnType<string, string, string, string> => ({
  sql: 'text',
  array: textArray,
  sent,
  shown: (description) => Type.String(described(description)),
  cell: 'text',
});

/** An opaque id from outside. */
export const id = plainText(Type.String({ pattern: ID_PATTERN }));

/** A name or another short text. */
export const word = plainText(Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, pattern: NO_NUL }));

/** A word that is compared with what the database has, and so kept in the form that it has there. */
export const storableWord: typeof word = { ...word, parse: storableText };

/** @param options further rules of the schema, such as `maxLength` */
export const text = (
  options: { maxLength?: number } = {},
  parse?: (sent: string) => string,
): ColumnType<string, string, string, string> => ({
  ...plainText(Type.String({ ...options, pattern: NO_NUL })),
  parse,
});

export const oneOf = <const Word extends string>(
  words: readonly Word[],
): ColumnType<Word, Word, Word, Word> => ({
  sql: 'text',
  array: textArray,
  sent: Type.String({ enum: [...words] }),
  shown: () => Type.String({ enum: [...words] }),
  cell: 'text',
});

/** In lower case, as the database gives it back. */
export const uuid: ColumnType<string, string, string, string> = {
  sql: 'uuid',
  array: uuidArray,
  sent: Type.String({ pattern: UUID_PATTERN }),
  parse: (sent) => sent.toLowerCase(),
  shown: (description) => Type.String(described(description)),
  cell: 'text',
};

/** Milliseconds since the epoch; RFC 3339 on the wire. */
export const time: ColumnType<string, number, Date, string> = {
  sql: 'timestamptz',
  array: timestampArray,
  sent: Type.String({ format: 'date-time' }),
  // The schema has checked that it can be read.
  parse: (sent) => parseTime(sent)!,
  load: (stored) => stored.getTime(),
  shown: (description) => Type.String({ ...described(description), format: 'date-time' }),
  show: (stored) => formatTime(stored.getTime()),
  exportSql: (column) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  cell: 'time',
};

export const milliseconds: ColumnType<number, number, number, number> = {
  sql: 'double precision',
  array: doubleArray,
  sent: Type.Number({ minimum: 0, maximum: MAX_MILLISECONDS }),
  shown: (description) => Type.Number(described(description)),
  cell: 'number',
};

/** A whole number that is no count, such as a place. */
export const integer: ColumnType<number, number, number, number> = {
  sql: 'integer',
  array: integerArray,
  sent: Type.Integer({ minimum: 0, maximum: MAX_INT }),
  shown: (description) => Type.Integer(described(description)),
  cell: 'integer',
};

const shownCount = (description: string | undefined): TSchema =>
  Type.Integer({ minimum: 0, ...described(description) });

export const count: typeof integer = { ...integer, shown: shownCount };

export const tokens: ColumnType<number, number, number, number> = {
  sql: 'bigint',
  array: bigintArray,
  sent: Type.Integer({ minimum: 0, maximum: MAX_TOKENS }),
  shown: shownCount,
  cell: 'integer',
};

export const smallint: ColumnType<number, number, number, number> = {
  ...integer,
  sql: 'smallint',
  array: smallintArray,
};

const usdSchemas = {
  sent: Type.Number({ minimum: 0, maximum: MAX_COST_USD }),
  shown: (description = '') => UsdOfOne(description),
};

/** An exact amount; a JSON number with at most 12 decimals on the wire. */
export const usd: ColumnType<number, Usd, string, number> = {
  sql: 'numeric',
  array: (values) => textArray(values.map((value) => (value === null ? null : formatUsd(value)))),
  asText: true,
  ...usdSchemas,
  parse: parseUsd,
  load: parseUsd,
  show: toWireOfOne,
  cell: 'number',
};

/** An amount as decimal text in the one form that equal amounts have, which is compared and stored as it is. */
export const decimal: ColumnType<number, string, string, number> = {
  sql: 'numeric',
  array: textArray,
  asText: true,
  ...usdSchemas,
  parse: (sent) => formatUsd(parseUsd(sent)),
  load: (stored) => formatUsd(parseUsd(stored)),
  show: toWireOfOne,
  cell: 'number',
};

export const boolean: ColumnType<boolean, boolean, boolean, boolean> = {
  sql: 'boolean',
  array: booleanArray,
  sent: Type.Boolean(),
  shown: (description) => Type.Boolean(described(description)),
};

/** The text of an array, which a statement casts. */
export const arrayText = (values: readonly string[]): string =>
  `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

const list = (
  items: TSchema,
  maxItems: number,
): ColumnType<string[], readonly string[], string[], string[]> => ({
  sql: 'text[]',
  array: (values) => textArray(values.map((value) => (value === null ? null : arrayText(value)))),
  asText: true,
  sent: Type.Array(items, { maxItems }),
  shown: (description) => Type.Array(Type.String(), described(description)),
  cell: 'list',
});

/** A list of words. Arrays of arrays have to be rectangular: these travel as text. */
export const words = (maxItems: number) => list(word.sent, maxItems);

const MAX_AGENT_TAGS = 50;
const MAX_TAG_LENGTH = 64;

/** The tags of an agent. */
export const agentTags = list(
  Type.String({ minLength: 1, maxLength: MAX_TAG_LENGTH, pattern: NO_NUL }),
  MAX_AGENT_TAGS,
);
