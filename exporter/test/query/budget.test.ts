/** What one request may ask for: the cells and the bytes of its queries together are bounded, before they are read. */
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { jsonBytes } from '../../src/http/json-bytes.js';
import { sortInTurns } from '../../src/pause.js';
import { MAX_ANSWER_BYTES, MAX_CELLS, MAX_REQUEST_CELLS } from '../../src/query/budget.js';
import { HOUR } from '../../src/time.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const queries = (count: number, query: object): object[] =>
  Array.from({ length: count }, (_, i) => ({
    refId: `q${i}`,
    metric: 'api_calls',
    interval: 'hour',
    ...query,
  }));

describe('the cells of a request', () => {
  const to = Date.parse('2026-03-18T00:00:00Z');
  const range = { from: new Date(to - MAX_CELLS * HOUR).toISOString(), to: new Date(to).toISOString() };

  it('of 100 queries of 50,000 cells are refused without a statement, with the number that fits', async () => {
    const tenant = t.tenant();
    await t.get('tokens', tenant);
    const statements = jest.spyOn(t.pool, 'query');
    const response = await t.post('query', { range, queries: queries(100, {}) }, tenant);
    expect(statements).not.toHaveBeenCalled();
    statements.mockRestore();
    expect(refusalOf(response)).toEqual([400, 'TOO_LARGE']);
    expect(response.json<Json>().message).toMatch(
      /more than 250000 cells together; 2500 cells each would fit/,
    );
  });

  it('may be those of a few large queries, and a query that is too large fails alone', async () => {
    const few = queries(MAX_REQUEST_CELLS / MAX_CELLS, {});
    const tooLong = { from: new Date(to - (MAX_CELLS + 1) * HOUR).toISOString(), to: range.to };
    expect((await t.post('query', { range, queries: few }, t.tenant())).statusCode).toBe(200);
    const mixed = [...queries(1, { interval: 'day' }), { ...queries(1, {})[0], refId: 'large' }];
    const response = await t.post('query', { range: tooLong, queries: mixed }, t.tenant());
    expect(response.json()).toMatchObject({
      results: { q0: { notices: [] }, large: { error: { code: 'TOO_LARGE' } } },
    });
  });
});

describe('groups', () => {
  const name = 'n'.repeat(200);
  const crowd = 'crowd';
  const range = { from: '2026-03-10T00:00:00Z', to: '2026-03-11T17:00:00Z' };
  beforeAll(async () => {
    const agents = Array.from({ length: 1_200 }, (_, i) =>
      call('2026-03-10T08:00:00Z', { agentId: `${i}-`.padEnd(128, 'x'), agentName: `${name}${i}` }),
    );
    await t.sendAndRollup(crowd, agents);
  });

  it('are counted with all their buckets, of all queries together', async () => {
    const asked = queries(100, { groupBy: ['agent'], interval: 'day' });
    const ask = (limit: number) =>
      t.post('query', { range, queries: asked.map((query) => ({ ...query, limit })) }, crowd);
    expect((await ask(10)).statusCode).toBe(200);
    const refused = await ask(1_100);
    expect(refusalOf(refused)).toEqual([400, 'TOO_LARGE']);
  });

  it('with long ids and names are refused by their bytes', async () => {
    const response = await t.post('query', { range, queries: queries(1, { groupBy: ['agent'] }) }, crowd);
    expect(refusalOf(response)).toEqual([400, 'TOO_LARGE']);
    expect(response.json<Json>().message).toMatch(/more than 16 MiB; ask for less at a time/);
    const fewer = queries(1, { groupBy: ['agent'], limit: 500 });
    const fitting = await t.post('query', { range, queries: fewer }, crowd);
    expect(fitting.statusCode).toBe(200);
    expect(fitting.rawPayload.length).toBeLessThan(MAX_ANSWER_BYTES);
  });
});

describe('a large answer', () => {
  it('is the same JSON, written in parts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.nat(3), async (value, copies) => {
        const object = { value, none: undefined, many: Array.from({ length: copies * 200 }, () => value) };
        const bytes = await jsonBytes(object, Infinity, () => new Error('too large'));
        expect(bytes.toString()).toBe(JSON.stringify(object));
      }),
      { numRuns: 50 },
    );
  });

  it('ends at the limit', async () => {
    const endless = { values: Array.from({ length: 100_000 }, () => 'ä'.repeat(100)) };
    await expect(jsonBytes(endless, 1_000_000, () => new Error('too large'))).rejects.toThrow('too large');
  });

  it('is sorted as by sort, equal rows in their order', async () => {
    const rows = Array.from({ length: 10_500 }, (_, i) => ({ i, key: (i * 7_919) % 100 }));
    const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
    expect(await sortInTurns(rows, compare)).toEqual([...rows].sort(compare));
  });
});
