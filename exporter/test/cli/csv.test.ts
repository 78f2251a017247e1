import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { Readable } from 'node:stream';
import { type Row, rowsOf } from '../../src/cli/csv.js';
import { splitLines } from '../../src/cli/lines.js';

async function rows(text: string, chunk = text.length): Promise<Row[]> {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += Math.max(1, chunk))
    chunks.push(bytes.subarray(at, at + Math.max(1, chunk)));
  const found: Row[] = [];
  for await (const some of rowsOf(splitLines(Readable.from(chunks, { objectMode: true }))))
    found.push(...some);
  return found;
}
const cells = async (text: string): Promise<unknown[]> =>
  (await rows(text)).map((row) => ('cells' in row ? row.cells : row.problem));

describe('rows of a CSV file', () => {
  it('are parsed correctly, however the file is split into chunks', async () => {
    // Lines of white space are skipped, and line endings may be those of any system.
    const cell = fc
      .string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', 'x') })
      .filter((text) => !/^\s|\s$|\n\s+\n/.test(text));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 50 }),
        async (table, chunk) => {
          const text = stringify(table);
          const found = await rows(text, chunk);
          expect(found.map((row) => 'cells' in row && row.cells)).toEqual(
            parse(text, { relax_column_count: true }),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('have the number of the line on which they begin', async () => {
    expect(await rows('a,b\n\n"x\ny",2\n3,4\n')).toEqual([
      { number: 1, cells: ['a', 'b'] },
      { number: 3, cells: ['x\ny', '2'] },
      { number: 5, cells: ['3', '4'] },
    ]);
  });

  it.each([
    [
      '1,say "hi"\n2,b',
      [
        ['1', 'say "hi"'],
        ['2', 'b'],
      ],
    ],
    [
      '1,"a" b\n2,c',
      [
        ['1', '"a" b'],
        ['2', 'c'],
      ],
    ],
    ['1,"a\n2,b', ['has an unclosed quote', ['2', 'b']]],
    ['1,"a\n2,"b"\n3,c', ['has an unclosed quote', ['2', 'b'], ['3', 'c']]],
    ['1,"a\n2,"b', ['has an unclosed quote', 'has an unclosed quote']],
    ['1,"""\n2,b', ['has an unclosed quote', ['2', 'b']]],
  ])('%j are told apart', async (text, wanted) => {
    expect(await cells(text)).toEqual(wanted);
  });

  it('with an unclosed quote are given up, without affecting other rows', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i},${'x'.repeat(30)}`);
    const found = await rows(`1,"open\n${lines.join('\n')}\n`);
    expect(found).toHaveLength(20_001);
    expect(found[0]).toEqual({ number: 1, problem: 'has an unclosed quote' });
    expect(found.filter((row) => 'cells' in row && row.cells.length === 2)).toHaveLength(20_000);
  });

  it('longer than 1 MiB are reported', async () => {
    expect(await cells(`1,a\n2,${'x'.repeat(1024 * 1024)}\n3,c`)).toEqual([
      ['1', 'a'],
      'is longer than 1 MiB',
      ['3', 'c'],
    ]);
  });
});
