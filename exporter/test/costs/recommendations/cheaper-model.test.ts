import { testApp, type TestApp } from '../../support/app.js';
import { ofKind, recommendations, runs, send, statusAt } from './support.js';

const FROM = '2026-03-10T08:00:00Z';
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

interface Model {
  model: string;
  count: number;
  /** Percent. */
  success: number;
  cost: number | null;
  tokens?: number;
  flow?: string | null;
  agent?: string;
  from?: string;
}

const modelRuns = ({
  model,
  count,
  success,
  cost,
  tokens = 1_000,
  flow = null,
  agent = 'bot',
  from = FROM,
}: Model) =>
  runs(count, from, (i) => ({
    ...{ agent_id: agent, agent_name: 'Billing bot', provider: 'openai', model_name: model, flow_id: flow },
    ...{ status: statusAt(i, success), cost_usd: cost, input_tokens: tokens, output_tokens: 0 },
  }));

async function tenantOf(...models: Model[]): Promise<string> {
  const tenant = t.tenant();
  await send(t, tenant, models.flatMap(modelRuns));
  return tenant;
}

const DEAR = { model: 'gpt-4o', count: 400, success: 93, cost: 0.05 };
const CHEAP = { model: 'gpt-4o-mini', count: 200, success: 92, cost: 0.0031 };

it('is recommended where a cheaper model of the same agent succeeds as often', async () => {
  const tenant = await tenantOf(DEAR, CHEAP);
  const [found, ...others] = await ofKind(t, tenant, 'cheaper_model');
  expect(others).toEqual([]);
  // 400 × (0.05 − 0.0031) within 30 days.
  expect(found).toMatchObject({ savings: 18.76, agent_id: 'bot', model: 'gpt-4o', dismissed: false });
  expect(found!.title).toBe(
    'Billing bot could save $18.76 a month with gpt-4o-mini in place of gpt-4o: its success rate is 92.0 %, that of ' +
      'gpt-4o is 93.0 %.',
  );
  expect(found!.action).toBe(
    'Run Billing bot on gpt-4o-mini, as 200 runs of it already do at $0.0031 each, in place of gpt-4o at $0.05 each.',
  );
  expect(found!.evidence.arithmetic).toBe(
    '400 runs on gpt-4o cost $20.00; 400 runs at $0.0031 on gpt-4o-mini would be $1.24. Saved: $18.76 in 30 days; ' +
      '× 30 ÷ 30 = $18.76 in 30 days.',
  );
  expect(found!.evidence.executions).toHaveLength(5);
  expect(await t.read(`executions/${found!.evidence.executions[0]}`, tenant)).toMatchObject({
    model_name: 'gpt-4o',
  });
});

it('saves what the runs of another period come to in 30 days', async () => {
  const tenant = await tenantOf(
    { ...DEAR, from: '2026-03-16T08:00:00Z' },
    { ...CHEAP, from: '2026-03-16T08:00:00Z' },
  );
  const [found] = await ofKind(t, tenant, 'cheaper_model', '?period=7d');
  expect(found!.savings).toBeCloseTo((18.76 * 30) / 7, 6);
  expect((await ofKind(t, tenant, 'cheaper_model'))[0]!.id).toBe(found!.id);
});

it('is not recommended where the cheaper model is significantly worse', async () => {
  const tenant = await tenantOf(DEAR, { ...CHEAP, success: 85 });
  expect(await ofKind(t, tenant, 'cheaper_model')).toEqual([]);
});

it('says how much worse the cheaper model may be where there are few runs', async () => {
  const tenant = await tenantOf({ ...DEAR, count: 100 }, { ...CHEAP, count: 100, success: 88 });
  const [found] = await ofKind(t, tenant, 'cheaper_model');
  expect(found!.caveat).toMatch(/may differ by −13\.\d to 3\.\d points \(95 %\)/);
});

it('is not recommended on fewer than 100 finished executions of either model', async () => {
  const few = await tenantOf(DEAR, { ...CHEAP, count: 99 });
  expect(await ofKind(t, few, 'cheaper_model')).toEqual([]);
  const other = await tenantOf({ ...DEAR, count: 99 }, CHEAP);
  expect(await ofKind(t, other, 'cheaper_model')).toEqual([]);
});

it('compares the runs of one flow, and of one agent, alone', async () => {
  const tenant = await tenantOf({ ...DEAR, flow: 'refunds' }, { ...CHEAP, flow: 'greetings' });
  expect(await ofKind(t, tenant, 'cheaper_model')).toEqual([]);
  const agents = await tenantOf({ ...DEAR, agent: 'one' }, { ...CHEAP, agent: 'two' });
  expect(await ofKind(t, agents, 'cheaper_model')).toEqual([]);
  const flows = await tenantOf({ ...DEAR, flow: 'refunds' }, { ...CHEAP, flow: 'refunds' });
  expect(await ofKind(t, flows, 'cheaper_model')).toMatchObject([
    { savings: 18.76, evidence: { flow_id: 'refunds' } },
  ]);
});

it('goes by tokens where the runs on the cheaper model are much shorter', async () => {
  const tenant = await tenantOf(DEAR, { ...CHEAP, tokens: 250 });
  const [found] = await ofKind(t, tenant, 'cheaper_model');
  // 400,000 tokens at 0.62 for 50,000 tokens would be 4.96 of 20.
  expect(found).toMatchObject({ savings: 15.04 });
  expect(found!.caveat).toMatch(/The runs on gpt-4o-mini are shorter/);
});

it('leaves out runs without a known cost', async () => {
  const tenant = await tenantOf(DEAR, CHEAP, { ...CHEAP, model: 'unheard-of', cost: null });
  expect(await ofKind(t, tenant, 'cheaper_model')).toMatchObject([{ savings: 18.76, model: 'gpt-4o' }]);
});

it('is not changed by the data of another tenant', async () => {
  const tenant = await tenantOf({ ...DEAR, agent: 'shared' });
  await tenantOf({ ...CHEAP, agent: 'shared' });
  expect(await ofKind(t, tenant, 'cheaper_model')).toEqual([]);
});

it('answers an empty list and no savings for a period without data', async () => {
  const { total_savings, recommendations: found } = await recommendations(t, t.tenant());
  expect([total_savings, found]).toEqual([0, []]);
  const tenant = await tenantOf(DEAR, CHEAP);
  const before = await recommendations(t, tenant, '?start_date=2026-01-01&end_date=2026-01-31');
  expect(before).toMatchObject({ total_savings: 0, recommendations: [] });
});
