import { Readable } from 'node:stream';
import { type Line, MAX_LINE, openLines, splitLines } from '../../src/cli/lines.js';

async function linesOf(...chunks: (string | Buffer)[]): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const some of splitLines(Readable.from(chunks, { objectMode: true }))) lines.push(...some);
  return lines;
}
const texts = async (...chunks: (string | Buffer)[]): Promise<(string | undefined)[]> =>
  (await linesOf(...chunks)).map(({ text }) => text);

describe('lines', () => {
  it('are complete, however the chunks are split', async () => {
    expect(await texts('first\nsec', 'ond', '\nthird')).toEqual(['first', 'second', 'third']);
    const [smile] = [Buffer.from('a ☺ b\n')];
    expect(await texts(smile!.subarray(0, 3), smile!.subarray(3))).toEqual(['a ☺ b']);
  });

  it('may have Windows line endings and a byte order mark', async () => {
    expect(await texts('\uFEFFfirst\r\nsecond\r\n')).toEqual(['first', 'second']);
  });

  it('keep their numbers if empty lines are skipped', async () => {
    expect(await linesOf('first\n\n  \nfourth\n')).toEqual([
      { number: 1, text: 'first' },
      { number: 4, text: 'fourth' },
    ]);
  });

  it('longer than 1 MiB have no text', async () => {
    const long = 'x'.repeat(MAX_LINE / 2 + 1);
    expect(await texts('first\n', long, long, long, '\nthird\n', 'y'.repeat(MAX_LINE))).toEqual([
      'first',
      undefined,
      'third',
      'y'.repeat(MAX_LINE),
    ]);
  });

  it.each([
    ['1f8b0800', 'compressed with gzip; let its name end in .gz'],
    ['504b0304', 'ZIP archive or a workbook; unpack it, or save it as CSV'],
    ['d0cf11e0a1b11ae1', 'workbook; save it as CSV'],
    ['50415231', 'Parquet'],
    ['28b52ffd', 'Zstandard'],
  ])('are not looked for in what is no text: %s', async (bytes, problem) => {
    const stdin = Readable.from([Buffer.from(bytes, 'hex'), Buffer.from('x,y\n')]);
    const lines = openLines('-', new AbortController().signal, {}, stdin).lines();
    await expect(lines.next()).rejects.toThrow(problem);
  });

  it('of standard input end when the user interrupts', async () => {
    const interrupt = new AbortController();
    const stdin = new Readable({ read: () => undefined });
    stdin.push('first\nsecond');
    const lines: Line[] = [];
    for await (const some of openLines('-', interrupt.signal, {}, stdin).lines()) {
      lines.push(...some);
      interrupt.abort();
    }
    expect(lines.map(({ text }) => text)).toEqual(['first']);
  });
});
