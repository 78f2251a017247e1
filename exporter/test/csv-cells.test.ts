import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { defused } from '../src/csv-cells.js';

describe('A text in a CSV cell', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@cmd', "'@cmd"],
    ['\t=1', "'\t'=1"],
    ['\r=1', "'\r'=1"],
    ['＝1', "'＝1"],
    ['x;=1', "x;'=1"],
    ['x|@y', "x|'@y"],
    ['x\t+1', "x\t'+1"],
    ['x\n-1', "x\n'-1"],
    ['x;"=1"', 'x;"\'=1"'],
  ])('%j is written as %j', (text, written) => {
    expect(defused(text)).toBe(written);
  });

  it.each([['a=b'], ['x; y'], ['1-2'], ['me@example.org'], ['a|b;c'], ["'=1"], ['']])(
    '%j is left as it is',
    (text) => {
      expect(defused(text)).toBe(text);
    },
  );

  it('begins no formula, whichever delimiter a spreadsheet chooses', () => {
    const part = fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      ';',
      '|',
      '\t',
      '\n',
      '\r',
      '"',
      ',',
      ' ',
      'a',
      '1',
      "'",
    );
    const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (first, second) => {
        const csv = stringify([['id', defused(first), defused(second)]]);
        for (const delimiter of [';', '\t', '|']) {
          const cells = csv.split(/[\r\n]/).flatMap((row) => row.split(delimiter));
          for (const cell of cells) expect(cell).not.toMatch(/^"*[=+\-@]/);
        }
        const asWritten = parse(csv, { record_delimiter: '\n' })[0] as string[];
        for (const cell of asWritten) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
      { numRuns: 500 },
    );
  });
});
