/** Links into Grafana in the messages of alerts. */
import { testApp, type TestApp } from '../support/app.js';
import { at, makeAlert, makeChannel, messagesOf } from './alerts-app.js';

const TIME = '2026-03-18T12:02:00Z';
/** The window, and an hour before. */
const RANGE = `from=${Date.parse(TIME) - 65 * 60_000}&to=${Date.parse(TIME)}`;

const firing = async (t: TestApp, condition: object): Promise<string[]> => {
  const tenant = t.tenant();
  const channels = [await makeChannel(t, tenant)];
  await makeAlert(t, tenant, { condition, actions: { channels } });
  await at(t, tenant, '2026-03-18T12:02:30Z', { 'bot/1': 11 });
  return (await messagesOf(t, tenant)).flatMap(({ links }) => links.map(({ url }) => url));
};

describe('with GRAFANA_URL a message leads to all alerts, and at the time', () => {
  let t: TestApp;
  beforeAll(async () => {
    const env = { OUTBOUND_ALLOW: '127.0.0.0/8', GRAFANA_URL: 'https://grafana.example.org/g/' };
    t = await testApp({ env });
  });
  afterAll(() => t.close());

  it.each([
    ['to the dashboard of the metric', { metric: 'api_calls' }, 'agentidp-call-patterns?'],
    ['to that of the agent', { group_by: ['agent'] }, 'agentidp-agent-detail?', '&var-agent=bot%2F1'],
    [
      'to an overview of another metric',
      { metric: 'active_agents', threshold: 0 },
      'agentidp-agent-activity?',
    ],
  ])('%s', async (_, condition, dashboard, variables = '') => {
    expect(await firing(t, condition)).toEqual([
      `https://grafana.example.org/g/d/${dashboard}${RANGE}${variables}`,
      `https://grafana.example.org/g/d/agentidp-alerts-and-reports?${RANGE}`,
    ]);
  });
});

it('without GRAFANA_URL a message has no links', async () => {
  const t = await testApp({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } });
  expect(await firing(t, {})).toEqual([]);
  await t.close();
});
