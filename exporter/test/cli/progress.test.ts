import { PassThrough } from 'node:stream';
import { counted, startProgress } from '../../src/cli/progress.js';

/** A stream that is or is not a terminal. */
function output(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  const terminal = {
    isTTY,
    columns: 80,
    rows: 24,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  };
  return {
    stream: Object.assign(stream, terminal) as unknown as NodeJS.WriteStream,
    text: () => String(stream.read() ?? ''),
  };
}

describe('progress', () => {
  it('is a bar on a terminal', () => {
    const { stream, text } = output(true);
    const progress = startProgress('Importing', 200, stream);
    progress.update(50, '7 lines');
    progress.stop();
    expect(text()).toMatch(/Importing █+░+ 25% 7 lines/);
  });

  it('has no percentage if the total is unknown', () => {
    const { stream, text } = output(true);
    const progress = startProgress('Importing', undefined, stream);
    progress.update(50, '7 lines');
    progress.stop();
    expect(text()).toContain('Importing 7 lines');
  });

  it.each([
    ['anything but a terminal', false, 200],
    ['nothing to do', true, 0],
  ])('is silent for %s', (_, isTTY, total) => {
    const { stream, text } = output(isTTY);
    const progress = startProgress('Importing', total, stream);
    progress.update(50);
    progress.stop();
    expect(text()).toBe('');
  });
});

it('counts have thousands separators and a plural', () => {
  expect([counted(0, 'line'), counted(1, 'line'), counted(1_234_567, 'line')]).toEqual([
    '0 lines',
    '1 line',
    '1,234,567 lines',
  ]);
});
