import { derivedId, LineIds } from '../../src/ingest/derived-id.js';
import { isUuid } from '../../src/ids.js';

describe('a derived id', () => {
  it('is a UUIDv8, equal only for equal content and ordinal', () => {
    const id = derivedId('a line');
    expect(isUuid(id)).toBe(true);
    expect(id).toMatch(/^.{14}8.{4}[89ab]/);
    expect(derivedId('a line')).toBe(id);
    expect(new Set([id, derivedId('a line', 1), derivedId('another'), derivedId('0\na line')]).size).toBe(4);
  });
});

describe('line ids', () => {
  it('distinguish equal lines, in the same way in each run', () => {
    const run = (): string[] => {
      const ids = new LineIds();
      return ['a', 'b', 'a', 'a', 'b'].map((line) => ids.idOf(line));
    };
    const first = run();
    expect(new Set(first).size).toBe(5);
    expect(run()).toEqual(first);
    expect(first[0]).toBe(derivedId('a'));
  });

  it('forget lines that were not seen recently, so that memory is bounded', () => {
    const ids = new LineIds(3);
    expect(['a', 'b', 'c', 'a', 'd', 'e', 'f', 'a'].map((line) => ids.idOf(line)).at(-1)).toBe(
      derivedId('a'),
    );
    expect(ids.idOf('f')).toBe(derivedId('f', 1));
  });
});
