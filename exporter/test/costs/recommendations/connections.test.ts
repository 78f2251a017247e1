import { recommend } from '../../../src/costs/recommendations/recommend.js';
import type { ReadPool } from '../../../src/db/read-shares.js';
import { NOW, testApp, type TestApp } from '../../support/app.js';
import { runs, send } from './support.js';

const DAY = 86_400_000;
const now = Date.parse(NOW);
const PERIOD = { from: now - 30 * DAY, to: now };
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await send(
    t,
    'acme',
    runs(200, '2026-03-10T08:00:00Z', (i) => ({
      ...{ agent_id: 'bot', model_name: 'm', cost_usd: 1, status: i % 2 === 0 ? 'failure' : 'success' },
    })),
  );
});
afterAll(() => t.close());

async function found(atOnce?: number): Promise<{ most: number; ids: string[] }> {
  let [running, most] = [0, 0];
  const counting: ReadPool = {
    query: async (text, values) => {
      most = Math.max(most, (running += 1));
      try {
        return await t.pool.query(text, values);
      } finally {
        running -= 1;
      }
    },
  };
  const { all } = await recommend(counting, 'acme', PERIOD, now, atOnce);
  return { most, ids: all.map(({ recommendation }) => recommendation.id) };
}

it('are two at a time for a request, one for the nightly job, with the same result', async () => {
  const request = await found();
  const nightly = await found(1);
  expect(request.most).toBe(2);
  expect(nightly.most).toBe(1);
  expect(nightly.ids).toEqual(request.ids);
  expect(request.ids).toHaveLength(1);
});
