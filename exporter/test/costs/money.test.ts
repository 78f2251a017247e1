import fc from 'fast-check';
import { bookCost } from './book-cost.js';
import { formatUsd, parseUsd, perMillion, toWire } from '../../src/money.js';
import { NO_TOKENS } from '../../src/facts/tokens.js';

const usd = (cost: bigint | null): string | null => (cost === null ? null : formatUsd(cost));

describe('money', () => {
  it.each([
    ['0', '0'],
    ['0.1', '0.1'],
    ['1.500', '1.5'],
    ['1e-7', '0.0000001'],
    ['2.5E3', '2500'],
    ['-0.000001', '-0.000001'],
    ['123456789012345678.000000000000000001', '123456789012345678.000000000000000001'],
    ['.5', '0.5'],
  ])('%s is formatted as %s', (text, wanted) => {
    expect(formatUsd(parseUsd(text))).toBe(wanted);
  });

  it('survives a round trip, and adds up exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (amount) => {
        expect(parseUsd(formatUsd(amount))).toBe(amount);
      }),
    );
    let sum = 0n;
    for (let i = 0; i < 1_000_000; i += 1) sum += parseUsd('0.1');
    expect(formatUsd(sum)).toBe('100000');
  });

  it('has 6 decimals on the wire, rounded half away from zero', () => {
    expect(
      ['0.0000005', '0.00000049', '-0.0000005', '1234.5678905', '7'].map((text) => toWire(text)),
    ).toEqual([0.000001, 0, -0.000001, 1234.567891, 7]);
    expect(toWire(null)).toBeNull();
  });

  it('is not parsed from other text', () => {
    expect(() => parseUsd('one')).toThrow('not an amount of money');
    expect(perMillion(7, parseUsd('0.1'))).toBe(parseUsd('0.0000007'));
  });
});

describe('the price book', () => {
  const at = Date.parse('2025-12-01T00:00:00Z');

  it('has prices for cached tokens, or charges them as input', () => {
    const tokens = { ...NO_TOKENS, input_tokens: 1200, cached_input_tokens: 200, output_tokens: 300 };
    expect(usd(bookCost(tokens, 'openai', 'gpt-4o', at))).toBe('0.00575');
    expect(usd(bookCost(tokens, 'openai', 'gpt-4', at))).toBe('0.054');
  });

  it('has prices that change over time', () => {
    const tokens = { ...NO_TOKENS, input_tokens: 1_000_000 };
    expect(usd(bookCost(tokens, 'openai', 'o3', Date.parse('2025-05-01T00:00:00Z')))).toBe('10');
    expect(usd(bookCost(tokens, 'openai', 'o3', at))).toBe('2');
  });

  it('has prices that depend on the number of tokens, without rounding errors', () => {
    const cost = (input_tokens: number): string | null =>
      usd(bookCost({ ...NO_TOKENS, input_tokens }, 'google', 'gemini-2.5-pro', at));
    expect([cost(100_000), cost(300_000)]).toEqual(['0.125', '0.75']);
  });

  it('does not know an unknown model, and an unknown provider does not hide one that it knows', () => {
    const tokens = { ...NO_TOKENS, input_tokens: 1, output_tokens: 1 };
    expect(bookCost(tokens, 'acme', 'acme-1', at)).toBeNull();
    const known = bookCost(tokens, 'openai', 'gpt-4o', at);
    expect(known).not.toBeNull();
    expect(bookCost(tokens, 'acme', 'gpt-4o', at)).toEqual(known);
    expect(bookCost(tokens, null, 'gpt-4o', at)).toEqual(known);
  });
});
