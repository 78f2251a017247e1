import { drawHeatmap, drawTable } from '../../src/demo/terminal.js';

describe('the heatmap in the terminal', () => {
  const cells = [
    { dow: 1, hour: 0, count: 1 },
    { dow: 1, hour: 9, count: 100 },
    { dow: 0, hour: 23, count: 50 },
  ];

  it('has a line per weekday from Monday to Sunday, below a line with the hours', () => {
    const lines = drawHeatmap(cells, false);
    expect(lines.map((line) => line.slice(0, 3))).toEqual([
      '   ',
      'Mon',
      'Tue',
      'Wed',
      'Thu',
      'Fri',
      'Sat',
      'Sun',
    ]);
    expect(lines[0]).toBe('     00       03       06       09       12       15       18       21');
  });

  it('is darkest at the hour with the most calls, and blank without calls', () => {
    const [, monday, tuesday, , , , , sunday] = drawHeatmap(cells, false);
    const at = (line: string, hour: number): string => line.slice(5 + 3 * hour, 7 + 3 * hour);
    expect([at(monday!, 0), at(monday!, 9), at(sunday!, 23), at(tuesday!, 9)]).toEqual([
      '··',
      '██',
      '▒▒',
      '  ',
    ]);
  });

  it('is in color on a terminal, with each hour below its number', () => {
    const lines = drawHeatmap(cells, true);
    // eslint-disable-next-line no-control-regex -- escape sequences begin with one
    const plain = lines.map((line) => line.replaceAll(/\x1b\[[\d;]*m/g, ''));
    expect(plain[0]).toBe('     00    03    06    09    12    15    18    21');
    expect(new Set(plain.slice(1).map((line) => line.length))).toEqual(new Set([5 + 48]));
    expect(lines[1]).toContain('\x1b[48;5;196m');
  });

  it('is blank without calls', () => {
    expect(drawHeatmap([], false).slice(1).join('').replaceAll(/\w| /g, '')).toBe('');
  });
});

it('a table aligns its values', () => {
  expect(
    drawTable([
      ['Calls', '12'],
      ['Tokens issued', '3'],
    ]),
  ).toEqual(['Calls          12', 'Tokens issued  3']);
});
