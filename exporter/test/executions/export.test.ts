/** `GET /export`: every row once, in each form, in constant memory, however slowly it is read. */
import { jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type Json, NOW, PREFIX, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { execution, step, usage } from '../support/executions.js';

let t: TestApp;
const MANY = 2_345;
beforeAll(async () => {
  t = await testApp();
  await send('few', [
    execution(1, '2026-03-18T09:00:00Z', {
      agent_id: 'a',
      agent_name: 'Alpha',
      model_name: 'gpt-4o',
      query_preview: '=1+1',
      error_message: 'with "quotes", a comma\nand a line',
      tags: ['x', 'y'],
      steps: [step(2, 'thought', { content: '@cmd' }), step(1, 'tool_call', { tool_name: 'search' })],
      token_usages: [usage('gpt-4o', 1000, 0), usage('gpt-4o', 0, 100)],
    }),
    execution(2, '2026-03-17T09:00:00Z', { agent_id: null }),
    execution(3, '2026-02-01T09:00:00Z', {}),
  ]);
  await t.sendAndRollup('few', [call('2026-03-18T08:00:00Z', { agentId: 'a', count: 3 })]);
  // Many of one instant, so that the pages have to part them by their ids.
  for (let first = 0; first < MANY; first += 1000) {
    await send(
      'many',
      Array.from({ length: Math.min(1000, MANY - first) }, (_, i) =>
        execution(first + i, `2026-03-18T0${(first + i) % 3}:00:00Z`, {
          steps: [step(1, 'thought'), step(2, 'thought')],
          query_preview: 'x'.repeat(90),
        }),
      ),
    );
  }
}, 600_000);
afterAll(() => t.close());

async function send(tenant: string, executions: object[]): Promise<void> {
  const answer = await t.post('/api/v1/executions', { executions }, { tenant });
  expect(answer.json<Json>().accepted).toBe(executions.length);
  await t.rollup();
}

const text = async (query: string, tenant = 'few'): Promise<string> => {
  const response = await t.get(`export?${query}`, tenant);
  expect(response.statusCode).toBe(200);
  return response.body;
};
const csv = async (query: string, tenant?: string): Promise<Json[]> =>
  parse(await text(query, tenant), { columns: true });

it('is executions as CSV by default, with a name, and formulas defused', async () => {
  const response = await t.get('export', 'few');
  expect(response.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="executions_2026-03-12_2026-03-18.csv"',
  });
  const rows = parse(response.body, { columns: true }) as Json[];
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatchObject({
    started_at: '2026-03-18T09:00:00.000Z',
    agent_id: 'a',
    agent_name: 'Alpha',
    query_preview: "'=1+1",
    error_message: 'with "quotes", a comma\nand a line',
    tags: 'x;y',
    cost_usd: '0.0035',
    step_count: '2',
  });
});

it('has the same headers without any body, for which no page is read', async () => {
  const ask = async (method: 'GET' | 'HEAD', query = 'format=json') =>
    t.app.inject({
      method,
      url: `${PREFIX}/export?${query}`,
      headers: await t.headers({ tenant: 'many' }),
    });
  const { headers } = await ask('GET');
  const queries = jest.spyOn(t.pool, 'query');
  const head = await ask('HEAD');
  const read = queries.mock.calls.filter(([sql]) => /FROM executions/.test(String(sql)));
  queries.mockRestore();
  expect([head.statusCode, head.body]).toEqual([200, '']);
  expect(read).toEqual([]);
  for (const name of ['content-type', 'content-disposition']) expect(head.headers[name]).toBe(headers[name]);
  expect(head.headers).not.toHaveProperty('content-length');
  expect((await ask('HEAD', 'period=nonsense')).statusCode).toBe(400);
});

it('has the other datasets', async () => {
  expect(await csv('dataset=steps')).toEqual([
    expect.objectContaining({ step_number: '1', tool_name: 'search', agent_id: 'a' }),
    expect.objectContaining({ step_number: '2', content: "'@cmd" }),
  ]);
  expect(await csv('dataset=token_usages')).toEqual([
    expect.objectContaining({ input_tokens: '1000', cost_usd: '0.0025' }),
    expect.objectContaining({ output_tokens: '100', cost_usd: '0.001' }),
  ]);
  expect(await csv('dataset=daily&period=90d')).toHaveLength(3);
  expect(JSON.parse(await text('dataset=usage&format=json'))).toEqual([
    { date: '2026-03-18', agent_id: 'a', agent_name: 'Alpha', metric_type: 'api_calls', count: 3 },
  ]);
});

it('of 24 hours by day has both days that they touch', async () => {
  const tenant = t.tenant();
  await send(tenant, [execution(1, '2026-03-17T23:00:00Z'), execution(2, '2026-03-18T11:00:00Z')]);
  await t.sendAndRollup(tenant, [call('2026-03-18T11:00:00Z', { agentId: 'a' })]);
  const days = async (dataset: string): Promise<unknown[]> =>
    (await csv(`dataset=${dataset}&period=24h`, tenant)).map(({ date }) => date);
  expect(await days('daily')).toEqual(['2026-03-17', '2026-03-18']);
  expect(await days('usage')).toEqual(['2026-03-18']);
  // The period ends at midnight then, and the day after it is not part of it.
  t.setNow('2026-03-18T23:30:00Z');
  expect(await days('daily')).toEqual(['2026-03-18']);
  t.setNow(NOW);
});

it('has no cost of $0 where nothing has a price', async () => {
  const tenant = t.tenant();
  const tokens = { model_name: 'nobody-knows', input_tokens: 10, output_tokens: 1 };
  await send(tenant, [execution(1, '2026-03-18T11:00:00Z', tokens)]);
  for (const dataset of ['executions', 'daily']) {
    expect(await csv(`dataset=${dataset}`, tenant)).toEqual([expect.objectContaining({ cost_usd: '' })]);
    expect(JSON.parse(await text(`dataset=${dataset}&format=json`, tenant))).toEqual([
      expect.objectContaining({ cost_usd: null }),
    ]);
  }
});

it('is one JSON array, or an object a line', async () => {
  const json = JSON.parse(await text('format=json')) as Json[];
  const lines = (await text('format=ndjson')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as Json)).toEqual(json);
  expect(json[1]).toMatchObject({ agent_id: 'a', query_preview: '=1+1', cost_usd: 0.0035, tags: ['x', 'y'] });
  expect(JSON.parse(await text('format=json', t.tenant()))).toEqual([]);
  expect(await text('format=ndjson', t.tenant())).toBe('');
  expect((await text('', t.tenant())).split('\n')[0]).toMatch(/^id,started_at,/);
});

it('has every row once, over many pages', async () => {
  const ids = (await csv('period=24h', 'many')).map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([MANY, MANY]);
  const steps = (await csv('dataset=steps', 'many')).map(
    (row) => `${String(row.execution_id)} ${String(row.step_number)}`,
  );
  expect([steps.length, new Set(steps).size]).toEqual([2 * MANY, 2 * MANY]);
});

it.each(['dataset=all', 'format=xlsx', 'period=1d', 'limit=1'])('%s is refused', async (query) => {
  expect(refusalOf(await t.get(`export?${query}`))).toEqual([400, 'VALIDATION_ERROR']);
});

it('is packed where that is accepted', async () => {
  const headers = { 'accept-encoding': 'gzip' };
  const response = await t.get('export?format=ndjson', { tenant: 'many', headers });
  expect(response.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(response.rawPayload).toString().trim().split('\n')).toHaveLength(MANY);
});

describe('over a real connection', () => {
  let port: number;
  let app: TestApp;
  beforeAll(async () => {
    app = await testApp({ database: t.database });
    await app.app.listen({ port: 0, host: '127.0.0.1' });
    port = (app.app.server.address() as AddressInfo).port;
  });

  const open = async (
    read: (chunk: Buffer, destroy: () => void) => Promise<void>,
  ): Promise<'ended' | 'left'> => {
    const headers = await app.headers('many');
    return new Promise((resolve, reject) => {
      const asked = request(
        { port, host: '127.0.0.1', path: '/api/v1/analytics/export?format=ndjson', headers },
        (response) => {
          void (async () => {
            let left = false;
            try {
              for await (const chunk of response) {
                await read(chunk as Buffer, () => {
                  left = true;
                  asked.destroy();
                });
                if (left) break;
              }
            } catch {
              left = true;
            }
            resolve(left ? 'left' : 'ended');
          })();
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  };

  it('survives a client that reads slowly, and holds no connection of the pool meanwhile', async () => {
    let bytes = 0;
    const { pool } = app;
    const ended = await open(async (chunk) => {
      bytes += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(pool.totalCount - pool.idleCount).toBeLessThanOrEqual(1);
    });
    expect([ended, bytes > 500_000]).toEqual(['ended', true]);
  });

  it('survives a client that leaves', async () => {
    expect(await open(async (_chunk, leave) => leave())).toBe('left');
    expect((await app.get('export?dataset=daily', 'many')).statusCode).toBe(200);
  });

  it('does not hold up the end of the service', async () => {
    let chunks = 0;
    const reading = open(async () => {
      chunks += 1;
      if (chunks === 1) void app.app.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    expect(['ended', 'left']).toContain(await reading);
    await app.app.close();
  }, 30_000);
});
