/** The agent of a run over OTLP: which of the ids and names that a trace has. */
import { testApp, type TestApp } from '../support/app.js';
import { chat, envelope, runsOf, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

let traces = 0;
/** Agents of the runs of a trace with one agent span. */
async function agentOf(
  tenant: string,
  attributes: Record<string, unknown>,
  resource: Record<string, string> = {},
): Promise<unknown> {
  const trace = String((traces += 1)).padStart(32, 'a');
  const request = {
    resourceSpans: [
      {
        resource: {
          attributes: Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } })),
        },
        scopeSpans: [
          { spans: [wireSpan({ id: 'a', name: 'invoke_agent', from: 0, to: 1, attributes }, trace)] },
        ],
      },
    ],
  };
  expect((await t.post('/v1/traces', request, tenant)).json()).toEqual({});
  const [run] = await runsOf(t, tenant, trace);
  return [run!.agent_id, run!.agent_name];
}
const agent = (more: object): Record<string, unknown> => ({
  'gen_ai.operation.name': 'invoke_agent',
  ...more,
});
const agentsOf = async (tenant: string): Promise<string[]> => {
  const { rows } = await t.pool.query<{ id: string }>(
    'SELECT id FROM agents WHERE tenant_id = $1 ORDER BY id',
    [tenant],
  );
  return rows.map(({ id }) => id);
};

it('is its name, so that ids that are new with every run do not multiply it', async () => {
  const tenant = t.tenant();
  for (let run = 0; run < 5; run += 1) {
    const sent = agent({ 'gen_ai.agent.id': `object-${run}`, 'gen_ai.agent.name': 'Weather bot' });
    expect(await agentOf(tenant, sent)).toEqual(['Weather-bot', 'Weather bot']);
  }
  expect(await agentsOf(tenant)).toEqual(['Weather-bot']);
});

it('is an id that is known, on every replica', async () => {
  const tenant = t.tenant();
  const event = { occurredAt: '2026-03-18T10:00:00Z', metricType: 'api_calls', agentId: 'client-7' };
  await t.post('/api/v1/events', { events: [event] }, tenant);
  const sent = agent({ 'gen_ai.agent.id': 'client-7', 'gen_ai.agent.name': 'Weather bot' });
  expect(await agentOf(tenant, sent)).toEqual(['client-7', 'Weather bot']);
  const other = await testApp({ database: t.database });
  const span = wireSpan({ id: 'a', from: 0, to: 1, attributes: sent }, 'b'.repeat(32));
  expect((await other.post('/v1/traces', envelope([span]), tenant)).json()).toEqual({});
  expect(await runsOf(other, tenant, 'b'.repeat(32))).toMatchObject([{ agent_id: 'client-7' }]);
  await other.close();
  expect(await agentsOf(tenant)).toEqual(['client-7']);
});

it.each([
  [
    'an id of this service first',
    { 'agentidp.agent.id': 'own', 'gen_ai.agent.id': 'x', 'gen_ai.agent.name': 'n' },
    {},
    ['own', 'n'],
  ],
  [
    'an id of this service on the resource',
    { 'gen_ai.agent.name': 'n' },
    { 'agentidp.agent.id': 'own' },
    ['own', 'n'],
  ],
  ['an id if it has no name', { 'gen_ai.agent.id': 'x' }, { 'service.name': 'shop' }, ['x', null]],
  ['a name before the service', { 'gen_ai.agent.name': 'n' }, { 'service.name': 'shop' }, ['n', 'n']],
  ['the service if nothing names it', {}, { 'service.name': 'my shop' }, ['my-shop', 'my shop']],
  ['none if the service has no name either', {}, { 'service.name': 'unknown_service:node' }, [null, null]],
])('is %s', async (_what, attributes, resource, wanted) => {
  const span = { 'gen_ai.operation.name': 'invoke_agent', ...attributes };
  expect(await agentOf(t.tenant(), span, resource as Record<string, string>)).toEqual(wanted);
});

it('is the service of a model call without an agent, which is kept with its version and environment', async () => {
  const tenant = t.tenant();
  const resource = {
    'service.name': 'shop',
    'service.version': '1.2.3',
    'deployment.environment': 'old',
    'deployment.environment.name': 'staging',
  };
  expect(await agentOf(tenant, chat(1, 1), resource)).toEqual(['shop', 'shop']);
  expect(await t.read('executions?environment=staging&service_name=shop', tenant)).toMatchObject({
    items: [{ service_name: 'shop', service_version: '1.2.3', environment: 'staging' }],
  });
});

describe('an id that is sent before the name', () => {
  const named = agent({ 'gen_ai.agent.id': 'object-1', 'gen_ai.agent.name': 'Weather bot' });
  const call = chat(1, 1, { 'gen_ai.agent.id': 'object-1' });
  const spans = [
    { id: 'run', from: 0, to: 9, attributes: named },
    { id: 'first', parent: 'run', from: 1, to: 2, attributes: call },
    { id: 'second', parent: 'run', from: 3, to: 4, attributes: call },
  ].map((span) => wireSpan(span));
  const send = async (tenant: string, sent: readonly object[]): Promise<void> =>
    expect((await t.post('/v1/traces', envelope(sent), tenant)).json()).toEqual({});

  it.each<[string, object[][]]>([
    ['in order', [spans]],
    ['reversed', [spans.toReversed()]],
    ['span by span', spans.map((span) => [span])],
    ['span by span, reversed', spans.toReversed().map((span) => [span])],
  ])('gives way to it, and leaves no agent: %s', async (_order, requests) => {
    const tenant = t.tenant();
    for (const sent of requests) await send(tenant, sent);
    expect((await runsOf(t, tenant)).map((run) => [run.agent_id, run.agent_name])).toEqual([
      ['Weather-bot', 'Weather bot'],
    ]);
    expect(await agentsOf(tenant)).toEqual(['Weather-bot']);
  });

  it('takes an agent that a rollup has seen off the lists', async () => {
    const tenant = t.tenant();
    await send(tenant, [spans[2]!]);
    await t.rollup();
    await send(tenant, [spans[0]!]);
    await t.rollup();
    expect(await t.read('dimensions/agent/values', tenant)).toMatchObject({
      values: [{ value: 'Weather-bot' }],
    });
  });

  it('stays while another trace has no name for it', async () => {
    const tenant = t.tenant();
    await send(tenant, [wireSpan({ id: 'x', from: 0, to: 1, attributes: call }, 'c'.repeat(32))]);
    await send(tenant, [spans[1]!]);
    await send(tenant, [spans[0]!]);
    expect(await agentsOf(tenant)).toContain('object-1');
  });
});
