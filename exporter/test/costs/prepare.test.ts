/** Many models that no price book knows are asked for without holding up other work. */
import { bookKey } from '../../src/costs/lookup.js';
import { PriceList } from '../../src/costs/prices.js';

it('asks the book for each model once, and lets other work go on meanwhile', async () => {
  const at = Date.parse('2026-03-18T11:00:00Z');
  const calls = Array.from({ length: 400 }, (_, i) => ({
    provider: null,
    model: `gateway/eu/openai/nobody's ${i % 200}-2024-08-06`,
    tier: 'standard' as const,
    at: at + i,
  }));
  const prices = new PriceList();
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  const began = performance.now();
  count();
  await prices.prepare(calls);
  const first = performance.now() - began;
  isDone = true;
  // It pauses every 20 ms, and one model takes much less.
  expect(turns).toBeGreaterThan(first / 100);
  expect(new Set(calls.map((call) => bookKey(call.provider, call.model, call.at))).size).toBe(200);
  const again = performance.now();
  await prices.prepare(calls);
  expect(performance.now() - again).toBeLessThan(first / 5);
  expect(prices.resolve(calls[0]!)).toMatchObject({ source: 'none' });
});
