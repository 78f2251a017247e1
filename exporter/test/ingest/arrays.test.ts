import fc from 'fast-check';
import {
  bigintArray,
  booleanArray,
  doubleArray,
  integerArray,
  smallintArray,
  textArray,
  timestampArray,
  uuidArray,
} from '../../src/facts/arrays.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

describe('Arrays as binary parameters', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  /** What PostgreSQL has read, as text, which is free of any parser of the driver's. */
  async function read(type: string, array: Buffer): Promise<(string | null)[]> {
    const { rows } = await database.pool.query<{ value: string | null }>(
      `SELECT value::text FROM unnest($1::${type}[]) WITH ORDINALITY AS u (value, i) ORDER BY i`,
      [array],
    );
    return rows.map(({ value }) => value);
  }

  /** Whatever the values, PostgreSQL reads the same. */
  async function holds<T>(
    type: string,
    write: (values: readonly (T | null)[]) => Buffer,
    value: fc.Arbitrary<T>,
    shown: (value: T) => string,
  ): Promise<void> {
    const values = fc.array(fc.option(value, { nil: null }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(values, async (list) => {
        expect(await read(type, write(list))).toEqual(list.map((one) => (one === null ? null : shown(one))));
      }),
      { numRuns: 60 },
    );
  }

  it('hold texts of any script and length, quotes, braces and line ends', async () => {
    const anything = fc.string({ unit: 'binary', maxLength: 120 }).filter((text) => !text.includes('\0'));
    const awkward = fc.constantFrom(
      '',
      '{',
      '"',
      '\\',
      'NULL',
      'a,b',
      '\n',
      'é'.repeat(70),
      '😀',
      'x'.repeat(300),
    );
    await holds('text', textArray, fc.oneof(anything, awkward), String);
  });

  it('hold whole numbers to their limits', async () => {
    await holds('int', integerArray, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), String);
    await holds('smallint', smallintArray, fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }), String);
    const halves = fc.constantFrom(2 ** 32 - 1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1, Number.MIN_SAFE_INTEGER);
    await holds('bigint', bigintArray, fc.oneof(fc.maxSafeInteger(), halves), String);
  });

  it.each([
    ['bigint', bigintArray, [0.5, 2 ** 53, NaN]],
    ['timestamptz', timestampArray, [0.5, NaN]],
    ['integer', integerArray, [2 ** 31, -1.5]],
    ['smallint', smallintArray, [70_000, 0.1]],
  ])('refuse for %s what it does not hold', (_type, write, values) => {
    for (const value of values) expect(() => write([1, value])).toThrow(RangeError);
  });

  it('hold truths', async () => {
    await holds('boolean', booleanArray, fc.boolean(), String);
  });

  it('hold numbers to the last bit', async () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
    const list = fc.sample(numbers, 200);
    expect((await read('float8', doubleArray(list))).map(Number)).toEqual(list);
  });

  it('hold times to the millisecond, on both sides of 2000 and of 1970', async () => {
    const times = fc.integer({ min: Date.UTC(1000, 0, 1), max: Date.UTC(9999, 11, 31) });
    const list = [...fc.sample(times, 200), 0, -1, Date.UTC(2000, 0, 1), Date.UTC(2000, 0, 1) - 1];
    const texts = await read('timestamptz', timestampArray(list));
    expect(texts.map((text) => Date.parse(text!.replace(' ', 'T').replace(/\+00$/, 'Z')))).toEqual(list);
  });

  it('hold UUIDs, in either case', async () => {
    const uuid = fc.uuid();
    await holds(
      'uuid',
      uuidArray,
      fc.oneof(
        uuid,
        uuid.map((text) => text.toUpperCase()),
      ),
      (text) => text.toLowerCase(),
    );
  });
});
