/** What follows from a table of columns, on a small one. */
import fc from 'fast-check';
import { column, derived, factTable } from '../../src/facts/column.js';
import { recordText } from '../../src/facts/digest.js';
import { EVENT } from '../../src/facts/event/columns.js';
import { factColumns, sentReader, storedReader, storedSql, unsent } from '../../src/facts/record.js';
import { exportNames, exportSql, showing, shownSql } from '../../src/facts/shown.js';
import { insertSql } from '../../src/facts/statements.js';
import { id, time, tokens, usd, uuid, word, words } from '../../src/facts/types.js';
import { filterProperties, listedNull, sentProperties, shownProperties } from '../../src/facts/wire.js';
import { typedChecks } from '../../src/schema-check.js';

const COLUMNS = {
  id: column(uuid, { required: true, accepted: 'Its id.', shown: true, exported: true }),
  began_at: column(time, { wire: 'timestamp', required: true, accepted: true, shown: 'When.', exported: 1 }),
  own_name: column(word, { wire: 'name', accepted: { at: 1, description: 'Sent.' } }),
  name: derived(word, { shown: true, exported: true, filter: 'Only of these names.' }),
  count: column(tokens, { absent: 0, accepted: true, shown: true }),
  tags: column(words(2), { kept: [], accepted: true }),
  total: column(tokens, { absent: 0, shown: true, expression: (row) => `${row}.count * 2` }),
  cost_usd: derived(usd, { shown: true }),
};
const TABLE = factTable('things', COLUMNS);

it('what is sent becomes a record, with what stands for a missing value', () => {
  const read = sentReader(TABLE);
  const sent = { id: 'ABCDEF00-0000-4000-8000-00000000000A', timestamp: '2026-03-18T09:00:00Z' };
  const least = { id: 'abcdef00-0000-4000-8000-00000000000a', began_at: Date.parse(sent.timestamp) };
  expect(read(sent)).toEqual({ ...least, own_name: null, count: 0, tags: undefined });
  expect(read({ ...sent, name: 'x', count: 3, tags: ['a'] })).toEqual({
    ...least,
    own_name: 'x',
    count: 3,
    tags: ['a'],
  });
  expect(unsent(TABLE)).toEqual({ own_name: null, count: 0, tags: undefined });
});

it('a row that was stored becomes the same record', () => {
  const row = { id: 'a', began_at: new Date(5), own_name: null, count: 3, tags: ['a'] };
  expect(storedReader(TABLE)(row)).toEqual({ ...row, began_at: 5 });
  expect(storedReader(TABLE, ['id'])(row)).not.toHaveProperty('id');
});

it('statements name the columns that are stored', () => {
  expect(storedSql(TABLE, 'name')).toBe('id, began_at, own_name, name, count, tags');
  expect(insertSql(TABLE).replaceAll(/\s+/g, ' ')).toBe(
    'INSERT INTO things (tenant_id, id, began_at, own_name, name, count, tags, cost_usd) ' +
      'SELECT $1, sent.id, sent.began_at, sent.own_name, sent.name, sent.count, sent.tags::text[], ' +
      'sent.cost_usd::numeric FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::bigint[], ' +
      '$7::text[], $8::text[]) AS sent (id, began_at, own_name, name, count, tags, cost_usd)',
  );
});

it('what is shown is read under its name on the wire', () => {
  expect(shownSql(TABLE, 't')).toBe(
    't.id, t.began_at AS timestamp, t.name, t.count, t.count * 2 AS total, t.cost_usd',
  );
  const row = {
    id: 'a',
    timestamp: new Date(0),
    name: null,
    count: 3,
    total: 6,
    cost_usd: '0.5000000000001',
  };
  expect(showing(TABLE)(row)).toEqual({
    id: 'a',
    timestamp: '1970-01-01T00:00:00.000Z',
    name: null,
    count: 3,
    total: 6,
    cost_usd: 0.5,
  });
});

it('exports have their columns by place, then in the order of declaration', () => {
  expect(exportNames(TABLE)).toEqual(['timestamp', 'id', 'name']);
  expect(exportSql(TABLE, 't')).toBe(
    `to_char(t.began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS timestamp, t.id, t.name`,
  );
});

it('schemas have descriptions, nulls and places as declared', () => {
  const sent = sentProperties(TABLE, listedNull);
  expect(Object.keys(sent)).toEqual(['name', 'id', 'timestamp', 'count', 'tags']);
  expect(sent.name).toMatchObject({ type: ['string', 'null'], description: 'Sent.' });
  expect(sent.id).toMatchObject({ type: 'string', description: 'Its id.' });
  expect(shownProperties(TABLE)).toMatchObject({
    timestamp: { type: 'string', description: 'When.', format: 'date-time' },
    name: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    count: { type: 'integer', minimum: 0 },
  });
  expect(filterProperties(TABLE)).toMatchObject({
    name: { type: 'array', items: { minLength: 1 }, description: 'Only of these names.' },
  });
});

describe('a digest', () => {
  const later = factTable('things', {
    ...COLUMNS,
    zone: column(id, { accepted: true }),
    area: column(id, { accepted: true }),
    weight: column(tokens, { absent: 0, accepted: true }),
  });
  const FIRST = ['id', 'began_at', 'own_name', 'count', 'tags'] as const;
  const record = { id: 'a', began_at: 0, own_name: null, count: 0, tags: ['x'] };
  const text = recordText<Record<string, unknown>>(factColumns(later), FIRST);

  it('does not change with a column that was declared later, where that has no value', () => {
    const before = recordText<Record<string, unknown>>(factColumns(TABLE), FIRST)(record);
    expect(text({ ...record, zone: null, area: null, weight: 0 })).toBe(before);
  });

  it('changes with its value, and tells one such column from another', () => {
    const texts = [{}, { zone: 'z' }, { area: 'z' }, { zone: 'z', area: 'z' }, { weight: 1 }].map((value) =>
      text({ ...record, zone: null, area: null, weight: 0, ...value }),
    );
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('does not depend on the order of declaration', () => {
    const reversed = recordText<Record<string, unknown>>(factColumns(later).reverse(), FIRST);
    const value = { ...record, zone: 'z', area: 'a', weight: 3 };
    expect(reversed(value)).toBe(text(value));
  });
});

describe('the checks of an event by hand let through what its schema does', () => {
  const samples = [
    ...[null, undefined, true, '', ' ', 'a', 'a b', 'x'.repeat(128), 'x'.repeat(129), 'y'.repeat(256)],
    ...['y'.repeat(257), 'z'.repeat(2_048), 'z'.repeat(2_049), 'api_calls', 'constructor', [], {}],
    ...[0, 1, -1, 1.5, 99, 100, 599, 600, 1e12, 1e12 + 1, 2_147_483_647, 2_147_483_648],
    ...['01890a5d-ac96-774b-bcce-b302099a8057', '2026-03-18T09:00:00Z', '2026-02-30T09:00:00Z'],
  ];
  // Characters of one unit, and no U+0000: the schema counts others by characters and does not name that one.
  const text = fc
    .array(fc.integer({ min: 1, max: 0x7ff }), { maxLength: 300 })
    .map((codes) => String.fromCharCode(...codes));
  const values = fc.oneof(fc.constantFrom(...samples), text, fc.double({ noNaN: true }), fc.integer());

  it.each(EVENT.all.map((column) => [column.wire, column] as const))('%s', (_name, { type }) => {
    const isValid = typedChecks.compile({ ...type.sent });
    const { read } = type as { read?: (value: unknown) => unknown };
    fc.assert(
      fc.property(values, (value) => {
        expect(read!(value) !== undefined).toBe(isValid(value));
      }),
      { numRuns: 500 },
    );
  });
});
