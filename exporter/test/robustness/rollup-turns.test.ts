/** Whose turn it is in a rollup. */
import { Turns } from '../../src/rollup/turns.js';

it('a tenant that has taken less time is next, and those with much to do share the time', () => {
  const turns = new Turns();
  const costs: Record<string, number> = { large: 400, larger: 900, small: 1 };
  const order: string[] = [];
  const take = (waiting: string[]): void => {
    const tenant = turns.next(waiting)!;
    order.push(tenant);
    turns.took(tenant, costs[tenant]!);
  };
  for (let i = 0; i < 5; i += 1) take(['large', 'larger']);
  take(['large', 'larger', 'small']);
  expect(order).toEqual(['large', 'larger', 'large', 'large', 'larger', 'small']);
});

it('what was taken long ago counts no more', () => {
  const turns = new Turns();
  turns.took('once', 1_000);
  turns.took('often', 500);
  for (let i = 0; i < 10; i += 1) {
    turns.fade();
    turns.took('often', 500);
  }
  expect(turns.next(['often', 'once'])).toBe('once');
});
