/** The reads of the client with the real service. */
import { AnalyticsError } from '../src/index.js';
import { Clients, eventually } from './support/client.js';
import { RealService } from './support/exporter.js';

const clients = new Clients();
let service: RealService;

beforeAll(async () => {
  service = await RealService.start();
}, 90_000);
afterAll(() => service.stop(), 60_000);
afterEach(() => clients.close());

const open = (tenant: string) => clients.open({ url: service.url, token: () => service.token(tenant) });

it('iterate over all pages of users and agents, each once', async () => {
  const client = open('paged');
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids) {
    client.recordExecution({ agent_id: `agent ${id}`.replace(' ', '-'), user_id: id, status: 'success' });
  }
  await client.flush();
  await eventually('rolled up', async () => (await client.analytics.getTeamMetrics()).active_users === 5);
  const users: string[] = [];
  for await (const { user_id } of client.analytics.userActivity({ limit: 2 })) users.push(user_id);
  expect(users).toEqual(ids);
  const page = await client.analytics.getUserActivity({ limit: 2 });
  expect(page.users).toHaveLength(2);
  expect(page.next_cursor).toEqual(expect.any(String));
  const agents: string[] = [];
  for await (const { agent_id } of client.analytics.agents({ limit: 2 })) agents.push(agent_id);
  expect(agents).toEqual(ids.map((id) => `agent-${id}`));
  const names: (string | null)[] = [];
  for await (const { name } of client.analytics.users()) names.push(name);
  expect(names).toEqual(ids.map(() => null));
});

it('throw the error of the service', async () => {
  const { analytics } = open('refused');
  const thrown = await analytics.getAgentMetrics('a/b?c').catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(AnalyticsError);
  expect(thrown).toMatchObject({
    code: 'AGENT_NOT_FOUND',
    status: 404,
    message: 'there is no agent "a/b?c"',
  });
  await expect(analytics.compareAgents({ agent_ids: ['a'] })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    message: 'agent_ids must name 2 to 20, not 1',
  });
});
