/** Requests made of the OpenAPI document: likely values of each schema, and among them such as no client should send. */
import fc from 'fast-check';

export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  pattern?: string;
  const?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  default?: unknown;
}

export interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; schema: Schema }[];
  /** By content type. */
  bodies: Record<string, Schema>;
}

export interface HostileRequest {
  url: string;
  contentType: string | undefined;
  payload: Buffer | undefined;
}

interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        parameters?: Operation['parameters'];
        requestBody?: { content: Record<string, { schema?: Schema }> };
      }
    >
  >;
}

export function operationsOf({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      bodies: Object.fromEntries(
        Object.entries(requestBody?.content ?? {}).map(([type, { schema = {} }]) => [type, schema]),
      ),
    })),
  );
}

/** Stands in the text of JSON for a number that no double holds. */
const HUGE = '@huge@';
const nested = (depth: number): unknown => {
  let value: unknown = [];
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

const text = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '\0',
      'a\0b',
      '\ud800',
      '\udc00x',
      '\u202e',
      '__proto__',
      'constructor',
      'null',
      '-1',
      '1e309',
    ],
    ...['%', '*', "'; --", '../..', '${1}', '{}', '9999-12-31T23:59:59.999-23:59', '2026-02-30', 'NaN'],
    ...['x'.repeat(129), 'ü'.repeat(5_000), '*'.repeat(300), '\u0000'.repeat(10)],
  ),
  fc.string(),
  fc.string({ unit: 'binary' }),
);
const number = fc.constantFrom<unknown>(
  ...[HUGE, -1, 0, 0.1, -0, 1e-320, 1e300, 2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 63), Number.MAX_VALUE],
);
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  text,
  number,
  fc.constantFrom<unknown>(null, true, [], {}, [[]], [null], { a: null }, nested(30), nested(100)),
  fc.jsonValue({ maxDepth: 2 }),
);

const likelyText = fc.constantFrom(
  ...['a', 'agent-1', 'gpt-4o', '2026-03-10', '2026-03-10T08:00:00Z', 'day', '24h', 'api_calls', 'success'],
  ...['00000000-0000-4000-8000-000000000001', 'a@example.org', 'UTC', 'A'],
);

function likely(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => valueOf(one, depth)));
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {});
      return fc.record(Object.fromEntries(fields.map(([name, one]) => [name, valueOf(one, depth - 1)])), {
        requiredKeys: [],
      });
    }
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, depth - 1), { maxLength: 3 });
    case 'integer':
    case 'number':
      return fc.integer({ min: 0, max: 100 });
    case 'boolean':
      return fc.boolean();
    default:
      return likelyText;
  }
}

const valueOf = (schema: Schema, depth = 6): fc.Arbitrary<unknown> =>
  depth === 0
    ? hostile
    : fc.oneof({ weight: 5, arbitrary: likely(schema, depth) }, { weight: 1, arbitrary: hostile });

const json = (value: unknown): string => (JSON.stringify(value) ?? 'null').replaceAll(`"${HUGE}"`, '1e999');

/** Percent-encoded; a lone half of a character, a byte that is no UTF-8 and a lone percent sign among it. */
const encoded = (schema: Schema): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: valueOf(schema).map((value) =>
        encodeURIComponent((typeof value === 'string' ? value : json(value)).replace(/\p{Cs}/gu, '')).slice(
          0,
          8_000,
        ),
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom('%ED%A0%80', '%ff', '%00', '%', '%zz', '[]', 'a,b,,') },
  );

export function requestOf({ path, parameters, bodies }: Operation): fc.Arbitrary<HostileRequest> {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const url = fc
    .tuple(
      fc.record(Object.fromEntries(inPath.map(({ name, schema }) => [name, encoded(schema)]))),
      fc.record(Object.fromEntries(inQuery.map(({ name, schema }) => [name, encoded(schema)])), {
        requiredKeys: [],
      }),
      fc.oneof(
        { weight: 9, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: fc.constant('&unknown=1') },
      ),
    )
    .map(([places, query, more]) => {
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => places[name] ?? 'x');
      const given = Object.entries(query).map(([name, value]) => `${name}=${value}`);
      return `${filled}?${given.join('&')}${more}`;
    });
  const types = Object.entries(bodies);
  if (types.length === 0) return url.map((one) => ({ url: one, contentType: undefined, payload: undefined }));
  const body = fc.oneof(
    ...types.map(([contentType, schema]) =>
      fc
        .oneof(
          { weight: 8, arbitrary: valueOf(schema).map((value) => Buffer.from(json(value))) },
          {
            weight: 1,
            arbitrary: fc
              .constantFrom('', '{', '{"a":1e999}', '"\\ud800"', '[[[[', 'null')
              .map((raw) => Buffer.from(raw)),
          },
          { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
        )
        .map((payload) => ({ contentType, payload })),
    ),
  );
  return fc.tuple(url, body).map(([one, two]) => ({ url: one, ...two }));
}
