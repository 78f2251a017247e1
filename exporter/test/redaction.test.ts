/** Patterns of REDACT, and what they replace. */
import { loadConfig } from '../src/config.js';
import { patternsIn, Redaction } from '../src/redaction.js';

describe('a list of patterns', () => {
  it.each([
    ['a+', ['a+']],
    ['a+, b', ['a+', 'b']],
    ['a+\nb', ['a+', 'b']],
    ['a{2,3},[,;]b,(c,d)', ['a{2,3}', '[,;]b', '(c,d)']],
    ['[],]+,[^],]', ['[],]+', '[^],]']],
    ['a\\,b,\\[c', ['a,b', '\\[c']],
    [' , ', []],
  ])('%j is %j', (list, patterns) => {
    expect(patternsIn(list)).toEqual(patterns);
  });

  it.each([
    ['sk-(', 'missing closing )'],
    ['(?=a)', 'invalid or unsupported Perl syntax'],
    ['(a)\\1', 'invalid escape sequence'],
    ['a,x*', 'it matches the empty text'],
  ])('%s refuses the start', (value, reason) => {
    const start = (): unknown => loadConfig({ REDACT: value });
    expect(start).toThrow(reason);
    expect(start).toThrow(/^REDACT: [^\n]*$/);
  });
});

describe('redaction', () => {
  const redacted = (text: string, ...patterns: string[]): string => new Redaction(patterns).replace(text);

  it('replaces each match', () => {
    expect(redacted('a@x.org and b@y.org', '[a-z]+@[a-z.]+')).toBe('[redacted] and [redacted]');
  });

  it('replaces matches that overlap or touch together', () => {
    expect(redacted('key abcdef', 'abcd', 'cdef')).toBe('key [redacted]');
    expect(redacted('key 1234', '\\d')).toBe('key [redacted]');
  });

  it('does not look at what it has written', () => {
    expect(redacted('a secret', 'secret', 'redacted')).toBe('a [redacted]');
  });

  it('keeps characters outside of the basic plane', () => {
    expect(redacted('🙂 sk-1 🙂', 'sk-\\d')).toBe('🙂 [redacted] 🙂');
  });

  it('cuts texts of which less than that is kept', () => {
    expect(redacted(`${'x'.repeat(100_000)}sk-1`, 'sk-\\d').length).toBeLessThan(40_000);
  });

  it('leaves no part of a match at the cut', () => {
    const at = 32 * 1024;
    const text = redacted(`${'x'.repeat(at - 10)}sk-${'1'.repeat(100)} ${'y'.repeat(100)}`, 'sk-\\d{50,}');
    expect(text).toMatch(/^x{32758}\[redacted\]…$/);
    // What a match leaves of the kept part is filled with what follows it.
    const long = redacted(`sk-${'1'.repeat(at - 10)} sk-${'1'.repeat(at)} end`, 'sk-1+');
    expect(long).toBe('[redacted] [redacted] end');
  });

  it.each([
    ['(a+)+$', `${'a'.repeat(100_000)}b`],
    ['(.*a){20}b', 'a'.repeat(100_000)],
    ['(?:(?:.*a){20}x|b)', 'b'.repeat(100_000)],
    ['(x+x+)+y', 'x'.repeat(100_000)],
  ])('%s takes no longer than linear time', (pattern, text) => {
    const began = performance.now();
    redacted(text, pattern);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('replaces the rest of a text that takes too long', () => {
    const text = redacted(`start ${'b'.repeat(30_000)}`, '(?:(?:.*a){50}x|b)');
    expect(text).toBe('start [redacted]');
  });
});
