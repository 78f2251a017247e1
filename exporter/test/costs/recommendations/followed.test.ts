import { testApp, type TestApp } from '../../support/app.js';
import { ofKind, recommendations, runs, send, statusAt } from './support.js';

const HOUR = 3_600_000;
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

/** @param success percent */
const modelRuns = (model_name: string, count: number, from: string, cost_usd: number, success: number) =>
  runs(
    count,
    from,
    (i) => ({
      ...{ agent_id: 'bot', agent_name: 'Billing bot', provider: 'openai', model_name, cost_usd },
      status: statusAt(i, success),
    }),
    HOUR,
  );

// The last run on gpt-4o is on 8 March at 12:00, ten days ago.
const BEFORE = '2026-03-02T09:00:00Z';
const AFTER = '2026-03-08T13:00:00Z';

it('says what was saved and how the success rate has changed, apart from the total', async () => {
  const tenant = t.tenant();
  await send(t, tenant, [
    ...modelRuns('gpt-4o', 148, BEFORE, 0.05, 93),
    ...modelRuns('gpt-4o-mini', 200, AFTER, 0.0025, 92),
  ]);
  const [found, ...others] = await ofKind(t, tenant, 'followed');
  expect(others).toEqual([]);
  // 200 runs in 10 days saved 0.0475 each.
  expect(found).toMatchObject({ savings: 28.5, agent_id: 'bot', model: 'gpt-4o-mini' });
  expect(found!.title).toBe(
    'Since Billing bot moved from gpt-4o to gpt-4o-mini on 2026-03-08: $28.50 a month less, success rate 92.6 → 92.0 %.',
  );
  expect(found!.action).toContain('There is nothing to do');
  expect(found!.evidence.arithmetic).toBe(
    '200 runs on gpt-4o-mini cost $0.50; at the $0.05 of a run on gpt-4o they would have cost $10.00. ' +
      'Saved: $9.50 in 10 days; × 30 ÷ 10 = $28.50 in 30 days.',
  );
  const answer = await recommendations(t, tenant);
  const open = answer.recommendations.filter(({ kind }) => kind !== 'followed');
  expect(open.map(({ kind }) => kind)).not.toContain('cheaper_model');
  expect(answer.total_savings).toBeCloseTo(
    open.reduce((sum, { savings }) => sum + (savings ?? 0), 0),
    6,
  );
});

it('looks at the period before as well', async () => {
  const tenant = t.tenant();
  await send(t, tenant, [
    ...modelRuns('gpt-4o', 148, BEFORE, 0.05, 100),
    ...modelRuns('gpt-4o-mini', 200, AFTER, 0.0025, 100),
  ]);
  expect(await ofKind(t, tenant, 'followed', '?start_date=2026-03-09')).toHaveLength(1);
});

it('says so where the new model succeeds less often', async () => {
  const tenant = t.tenant();
  await send(t, tenant, [
    ...modelRuns('gpt-4o', 148, BEFORE, 0.05, 95),
    ...modelRuns('gpt-4o-mini', 200, AFTER, 0.0025, 70),
  ]);
  const [found] = await ofKind(t, tenant, 'followed');
  expect(found!.action).toContain('significantly less often than before');
});

it.each<[string, () => object[]]>([
  [
    'an agent that still runs the dear model',
    () => [
      ...modelRuns('gpt-4o', 148, BEFORE, 0.05, 93),
      ...modelRuns('gpt-4o-mini', 200, AFTER, 0.0025, 93),
      ...modelRuns('gpt-4o', 1, '2026-03-18T07:00:00Z', 0.05, 100),
    ],
  ],
  [
    'a move to a dearer model',
    () => [
      ...modelRuns('gpt-4o-mini', 148, BEFORE, 0.0025, 93),
      ...modelRuns('gpt-4o', 200, AFTER, 0.05, 93),
    ],
  ],
  [
    'few runs after the move',
    () => [...modelRuns('gpt-4o', 148, BEFORE, 0.05, 93), ...modelRuns('gpt-4o-mini', 99, AFTER, 0.0025, 93)],
  ],
  ['one model', () => modelRuns('gpt-4o', 300, BEFORE, 0.05, 93)],
])('is not said of %s', async (_, made) => {
  const tenant = t.tenant();
  await send(t, tenant, made());
  expect(await ofKind(t, tenant, 'followed')).toEqual([]);
});
