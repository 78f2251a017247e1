/** The database becomes unreachable before anything is written: ingest asks the client to send the request again. */
import { testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { execution } from '../support/executions.js';

const NOON = '2026-03-10T12:00:00Z';

let t: TestApp;
beforeEach(async () => {
  // A new service has empty caches, so it reads everything from the database.
  t = await testApp();
});
afterEach(() => t.close());

/** Fails the next matching statement like a broken connection. */
function breakAt(statement: RegExp): void {
  let broken = false;
  t.pool.on('acquire', (client) => {
    const { query } = client;
    client.query = function (this: typeof client, ...args: unknown[]) {
      const [asked] = args as [string | { text: string }];
      const matches = statement.test(typeof asked === 'string' ? asked : asked.text);
      if (broken || !matches) return (query as (...rest: unknown[]) => unknown).apply(this, args);
      broken = true;
      const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      const answer = args.at(-1);
      if (typeof answer !== 'function') return Promise.reject(error);
      (answer as (error: Error) => void)(error);
      return undefined;
    } as typeof query;
    t.pool.once('release', () => (client.query = query));
  });
}

it.each([
  ['the start of the retention', /FROM watermarks/],
  ['their tenant', /INTO tenants/],
  ['their agent', /INTO agents/],
  ['their endpoint', /endpoint_names/],
  ['their month', /pg_class/],
  ['the insert', /INTO usage_events/],
])('events have to be sent again if the connection breaks at %s', async (_what, statement) => {
  breakAt(statement);
  const events = [call(NOON, { agentId: 'a', endpoint: 'GET /x', status: 200 })];
  await expect(t.services.ingest.events('acme', events)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    retryAfter: 5,
    cause: { code: 'ECONNRESET' },
  });
  expect(await t.services.ingest.events('acme', events)).toMatchObject({ accepted: 1 });
});

it.each([
  ['the start of the retention', /FROM watermarks/],
  ['their tenant', /INTO tenants/],
  ['their agent', /INTO agents/],
  ['the insert', /INTO executions/],
])('executions have to be sent again if the connection breaks at %s', async (_what, statement) => {
  breakAt(statement);
  const executions = [execution(1, NOON, { agent_id: 'a' })];
  await expect(t.services.executions.executions('acme', executions)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    cause: { code: 'ECONNRESET' },
  });
  expect(await t.services.executions.executions('acme', executions)).toMatchObject({ accepted: 1 });
});
