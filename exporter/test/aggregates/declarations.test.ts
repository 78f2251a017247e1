/** The declarations of aggregates against the migrated database. */
import { type Aggregate, type Level, tableOf, timeColumn } from '../../src/aggregates/aggregate.js';
import { AGGREGATES, aggregateBy, dimensionsOf, sourcesOf } from '../../src/aggregates/index.js';
import { DIMENSIONS, isStored, measuresOf, METRICS } from '../../src/catalog/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const TENANT = 'tenant_id';
const HISTOGRAM = { hist_buckets: 'smallint[]', hist_counts: 'bigint[]' };

const tables = AGGREGATES.flatMap((aggregate) =>
  aggregate.levels.map((level) => ({
    table: tableOf(aggregate, level),
    aggregate,
    level,
  })),
);

/** Columns with their types, and whether they may be null. */
async function columnsOf(table: string): Promise<Record<string, { type: string; nullable: boolean }>> {
  const { rows } = await database.pool.query<{ name: string; type: string; nullable: boolean }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type, NOT attnotnull AS nullable
     FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  return Object.fromEntries(rows.map(({ name, ...column }) => [name, column]));
}

interface UniqueKey {
  columns: string[];
  nullsDistinct: boolean;
}

async function uniqueKeysOf(table: string): Promise<UniqueKey[]> {
  const { rows } = await database.pool.query<UniqueKey>(
    `SELECT NOT i.indnullsnotdistinct AS "nullsDistinct",
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place) AS columns
     FROM pg_index i WHERE i.indrelid = to_regclass($1) AND i.indisunique`,
    [table],
  );
  return rows;
}

const keyColumns = ({ keys }: Aggregate, level: Level): string[] => [
  TENANT,
  timeColumn(level),
  ...keys.map(({ column }) => column),
];

describe.each(tables)('$table', ({ table, aggregate, level }) => {
  it('has the columns that are declared, and no others', async () => {
    const columns = await columnsOf(table);
    expect(Object.keys(columns).sort()).toEqual(
      [
        ...keyColumns(aggregate, level),
        ...aggregate.figures.map(({ column }) => column),
        ...(aggregate.histogram === undefined ? [] : Object.keys(HISTOGRAM)),
      ].sort(),
    );
  });

  it('has figures of the declared types, never null', async () => {
    const columns = await columnsOf(table);
    const histogram = aggregate.histogram === undefined ? {} : HISTOGRAM;
    const types = new Map([
      ...aggregate.figures.map(({ column, type }) => [column, type as string] as const),
      ...Object.entries(histogram),
    ]);
    for (const [column, type] of types) {
      const named = type === 'timestamptz' ? 'timestamp with time zone' : type;
      expect([column, columns[column]]).toEqual([column, { type: named, nullable: false }]);
    }
  });

  it('has one row for each combination of tenant, time and keys', async () => {
    const [key, ...others] = await uniqueKeysOf(table);
    expect(others).toEqual([]);
    expect([...key!.columns].sort()).toEqual(keyColumns(aggregate, level).sort());
    expect(key!.columns[0]).toBe(TENANT);
    const columns = await columnsOf(table);
    const nullable = key!.columns.some((column) => columns[column]!.nullable);
    // Else null keys would be repeated.
    if (nullable) expect(key!.nullsDistinct).toBe(false);
  });

  it('has the columns that its measures read', async () => {
    const columns = Object.keys(await columnsOf(table));
    for (const [measure, { columns: read }] of Object.entries(aggregate.measures)) {
      expect([measure, read.filter((column) => !columns.includes(column))]).toEqual([measure, []]);
    }
  });
});

describe('the aggregates', () => {
  it('are all tables of the database that are kept by bucket or date', async () => {
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT DISTINCT c.relname AS name
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
         JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey)
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname IN ('bucket', 'date')`,
    );
    // When an hour was last recomputed is no aggregate.
    const kept = rows.map(({ name }) => name).filter((name) => name !== 'agent_endpoint_computed');
    expect(kept.sort()).toEqual(tables.map(({ table }) => table).sort());
  });

  it('have names and tables of their own', () => {
    const names = AGGREGATES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(tables.map(({ table }) => table)).size).toBe(tables.length);
  });

  it('are joined with their histograms only where no key is null', async () => {
    for (const { table, aggregate } of tables) {
      if (aggregate.histogram?.merge !== 'join') continue;
      const columns = await columnsOf(table);
      for (const { column } of aggregate.keys)
        expect([column, columns[column]!.nullable]).toEqual([column, false]);
    }
  });
});

const elsewhere = AGGREGATES.flatMap((aggregate) =>
  aggregate.minutes === undefined ? [] : [{ name: aggregate.name, aggregate, minutes: aggregate.minutes }],
);

describe.each(elsewhere)('the minutes of $name', ({ aggregate, minutes }) => {
  it('are kept with all of its keys and figures', () => {
    expect(aggregate.levels).not.toContain('minute');
    expect(AGGREGATES).toContain(minutes);
    expect(minutes.from).toEqual(aggregate.from);
    expect(minutes.histogram).toEqual(aggregate.histogram);
    expect(minutes.keys).toEqual(expect.arrayContaining([...aggregate.keys]));
    expect(minutes.figures).toEqual(expect.arrayContaining([...aggregate.figures]));
  });
});

describe('the metrics', () => {
  it('have names of their own, made for a wire', () => {
    const names = METRICS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]+$/);
  });

  it('are each kept somewhere, in the form that their formula takes', () => {
    for (const { name, formula, ...metric } of METRICS) {
      const sources = sourcesOf({ name, formula, ...metric });
      expect([name, sources.length > 0]).toEqual([name, true]);
      for (const { measures } of sources) {
        const summed = measuresOf(formula).map((measure) => measures[measure]!.sql !== undefined);
        const isSum = ['sum', 'percent', 'mean', 'distinct'].includes(formula.op);
        expect([name, summed]).toEqual([name, summed.map(() => isSum)]);
      }
    }
  });

  it('use every dimension', () => {
    const used = new Set(METRICS.flatMap((metric) => dimensionsOf(metric).map(({ name }) => name)));
    expect([...used].sort()).toEqual(DIMENSIONS.map(({ name }) => name).sort());
  });
});

describe('a dimension', () => {
  it.each(DIMENSIONS.map((dimension) => [dimension.name, dimension] as const))(
    '%s has values that can be listed',
    (name, { values }) => {
      if (values !== undefined && 'seenIn' in values) {
        for (const wanted of values.seenIn)
          expect(AGGREGATES.find((aggregate) => aggregate.name === wanted)?.dimensions).toContain(name);
      } else if (values === undefined) {
        expect(isStored(name) && aggregateBy([name])).toBeTruthy();
      } else {
        expect('fixed' in values || 'directory' in values).toBe(true);
      }
    },
  );
});
