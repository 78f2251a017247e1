/** The wire schemas of a kind of fact: what is sent, and what is shown. */
import { type TOptional, type TSchema, type TUnsafe, Type } from 'typebox';
import {
  type Columns,
  columnsWith,
  descriptionOf,
  type FactTable,
  type FilterName,
  isNullable,
  type Sent,
  type Shown,
} from './column.js';

/** How a schema says that a value may be null. */
type Nullable = (schema: TSchema) => TSchema;

/** For documentation, and for schemas that are compiled by the router. */
export const orNull: Nullable = (schema) => Type.Union([schema, Type.Null()]);

/** A list of types, and no union, whose check takes four times as long: it makes an error for each null. */
export const listedNull: Nullable = (schema) => {
  const { type, enum: words, ...rest } = schema as { type?: string; enum?: unknown[] };
  return Type.Unsafe({
    type: [type, 'null'],
    ...rest,
    ...(words === undefined ? {} : { enum: [...words, null] }),
  });
};

const withDescription = (schema: TSchema, description: string | undefined): TSchema =>
  description === undefined ? schema : { ...schema, description };

/** Schemas of an object's properties, each of which says whether it may be left out. */
type Properties<T> = {
  [K in keyof T]-?: undefined extends T[K] ? TOptional<TUnsafe<Exclude<T[K], undefined>>> : TUnsafe<T[K]>;
};

/** Fields that may be sent, in their order. */
export function sentProperties<C extends Columns>(
  table: FactTable<C>,
  nullable: Nullable,
): Properties<Sent<C>> {
  const properties = columnsWith(table, 'accepted').map(({ wire, type, options }) => {
    const { absent, notNull, required, accepted } = options;
    const checked = notNull ? withDefault(type.sent, absent) : type.sent;
    const schema = withDescription(checked, descriptionOf(accepted));
    if (required) return [wire, schema];
    return [wire, Type.Optional(notNull ? schema : nullable(schema))];
  });
  return Object.fromEntries(properties) as Properties<Sent<C>>;
}

const withDefault = (schema: TSchema, value: unknown): TSchema =>
  value === undefined ? schema : { ...schema, default: value };

/** Fields of an answer, in their order. */
export function shownProperties<C extends Columns>(table: FactTable<C>): Properties<Shown<C>> {
  const properties = columnsWith(table, 'shown').map((column) => {
    const schema = column.type.shown(descriptionOf(column.options.shown));
    return [column.wire, isNullable(column) ? orNull(schema) : schema];
  });
  return Object.fromEntries(properties) as Properties<Shown<C>>;
}

/** Values of a filter. */
const MAX_VALUES = 100;

/** Query parameters of the filters, each of which may be repeated. */
export function filterProperties<C extends Columns>(
  table: FactTable<C>,
): { [K in FilterName<C>]: ReturnType<typeof anyOf> } {
  const properties = columnsWith(table, 'filter').map(({ wire, type, options }) => [
    wire,
    anyOf(type.sent, descriptionOf(options.filter)),
  ]);
  return Object.fromEntries(properties) as { [K in FilterName<C>]: ReturnType<typeof anyOf> };
}

const anyOf = (items: TSchema, description: string | undefined) =>
  Type.Optional(Type.Unsafe<string[]>(Type.Array(items, { minItems: 1, maxItems: MAX_VALUES, description })));

/** An object with these fields and no others. */
export const strict = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
