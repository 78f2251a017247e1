import { Clients, eventually } from './support/client.js';
import { refusal, Service } from './support/service.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const clients = new Clients();
let service: Service;

beforeEach(async () => {
  service = await Service.start();
});
afterEach(async () => {
  await clients.close();
  await service.stop();
});

describe('recorded items', () => {
  it('are sent to their routes with generated ids and times, and with the token', async () => {
    const client = clients.open({ url: service.url });
    const id = client.recordExecution({ agent_id: 'a', status: 'success' });
    client.addSteps(id, [{ step_number: 1, step_type: 'thought' }]);
    client.addTokenUsages(id, [{ model: 'gpt-4o', input_tokens: 3 }]);
    const event = client.recordEvent({ agentId: 'a', metricType: 'api_calls' });
    expect(await client.flush()).toBe(true);

    expect(service.received.map(({ path }) => path)).toEqual([
      '/api/v1/executions',
      `/api/v1/executions/${id}/steps`,
      `/api/v1/executions/${id}/token-usages`,
      '/api/v1/events',
    ]);
    expect(new Set(service.received.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer a-token']),
    );
    expect(
      [id, event, service.items('token_usages')[0]!.id].every((made) => UUID_V7.test(String(made))),
    ).toBe(true);
    expect(service.items('executions')[0]).toEqual({
      id,
      agent_id: 'a',
      status: 'success',
      started_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(service.items('token_usages')[0]).toMatchObject({ component: 'main_agent', input_tokens: 3 });
    expect(service.items('events')[0]).toMatchObject({ id: event, occurredAt: expect.stringMatching(/Z$/) });
    expect(client.stats()).toEqual({
      ...{ queued: 0, sent: 4, accepted: 4, duplicates: 0, rejected: 0, dropped: 0, retries: 0 },
    });
  });

  it('keep a given id and given times, and do not change after they were recorded', async () => {
    const client = clients.open({ url: service.url });
    const execution = {
      id: 'E1',
      status: 'success' as const,
      started_at: '2026-03-06T09:15:00Z',
      tags: ['a'],
    };
    expect(client.recordExecution(execution)).toBe('E1');
    execution.tags.push('b');
    await client.flush();
    expect(service.items('executions')).toEqual([{ ...execution, tags: ['a'] }]);
  });

  it('derive started_at from completed_at and the duration', async () => {
    const client = clients.open({ url: service.url });
    client.recordExecution({
      status: 'success',
      completed_at: '2026-03-06T09:15:00Z',
      execution_time_ms: 1_500,
    });
    await client.flush();
    expect(service.items('executions')[0]!.started_at).toBe('2026-03-06T09:14:58.500Z');
  });

  it('are sent after the flush interval, or immediately when they fill a request', async () => {
    const quick = clients.open({ url: service.url, flushIntervalMs: 20 });
    quick.recordEvent({ metricType: 'api_calls' });
    expect(quick.stats().queued).toBe(1);
    await eventually('sent', () => quick.stats().accepted === 1);
    const slow = clients.open({ url: service.url, flushIntervalMs: 1e6, maxBatch: 3 });
    for (let i = 0; i < 3; i += 1) slow.recordEvent({ metricType: 'api_calls' });
    await eventually('sent', () => slow.stats().accepted === 3);
  });

  it('are sent in batches, in order', async () => {
    const client = clients.open({ url: service.url, maxBatch: 4 });
    const ids = Array.from({ length: 10 }, () => client.recordExecution({ status: 'success' }));
    await client.flush();
    expect(service.sizes()).toEqual([4, 4, 2]);
    expect(service.items('executions').map(({ id }) => id)).toEqual(ids);
  });
});

describe('the response', () => {
  it('is counted, and rejected items are reported with code and message', async () => {
    service.behave = () => ({
      status: 200,
      body: {
        accepted: 1,
        duplicates: 1,
        rejected: [{ index: 1, code: 'EVENT_TOO_OLD', message: 'too old' }],
      },
    });
    const client = clients.open({ url: service.url });
    for (const agentId of ['a', 'b', 'c']) client.recordEvent({ agentId, metricType: 'api_calls' });
    await client.flush();
    expect(client.stats()).toMatchObject({ sent: 3, accepted: 1, duplicates: 1, rejected: 1, queued: 0 });
    expect(clients.reported).toEqual([
      {
        error: expect.objectContaining({
          ...{
            name: 'AnalyticsError',
            code: 'EVENT_TOO_OLD',
            message: 'too old',
            status: 200,
            requestId: 'r-1',
          },
        }),
        items: [{ kind: 'event', item: expect.objectContaining({ agentId: 'b' }) }],
      },
    ]);
  });

  it('is reported per item if all items were rejected', async () => {
    const rejected = [1, 0].map((index) => ({ index, code: 'EVENT_TOO_OLD', message: `too old: ${index}` }));
    service.behave = () => refusal(400, 'VALIDATION_ERROR', { details: { rejected } });
    const client = clients.open({ url: service.url });
    for (const agentId of ['a', 'b']) client.recordEvent({ agentId, metricType: 'api_calls' });
    await client.flush();
    expect(service.received).toHaveLength(1);
    expect(client.stats()).toMatchObject({ sent: 2, accepted: 0, rejected: 2, dropped: 0, queued: 0 });
    expect(
      clients.reported.map(({ error: { code, status, message }, items }) => [code, status, message, items]),
    ).toEqual([
      [
        'EVENT_TOO_OLD',
        400,
        'too old: 1',
        [{ kind: 'event', item: expect.objectContaining({ agentId: 'b' }) }],
      ],
      [
        'EVENT_TOO_OLD',
        400,
        'too old: 0',
        [{ kind: 'event', item: expect.objectContaining({ agentId: 'a' }) }],
      ],
    ]);
  });

  it.each([400, 401, 403, 404, 409, 415])(
    '%i is reported with all items, and not retried',
    async (status) => {
      service.behave = () => refusal(status, 'VALIDATION_ERROR', { details: { field: 'x' } });
      const client = clients.open({ url: service.url });
      const id = client.recordExecution({ status: 'success' });
      client.recordExecution({ status: 'success' });
      await client.flush();
      expect(service.received).toHaveLength(1);
      expect(client.stats()).toMatchObject({ rejected: 2, retries: 0, dropped: 0 });
      const [{ error, items }] = clients.reported as [(typeof clients.reported)[0]];
      expect(error).toMatchObject({ status, code: 'VALIDATION_ERROR', details: { field: 'x' } });
      expect(items).toMatchObject([{ kind: 'execution', item: { id } }, { kind: 'execution' }]);
    },
  );

  it('is not followed if it is a redirect, and the error contains its address', async () => {
    service.behave = () => ({ status: 308, headers: { location: 'https://elsewhere.example/' } });
    const client = clients.open({ url: service.url });
    client.recordEvent({ metricType: 'api_calls' });
    await client.flush();
    expect(clients.reported[0]!.error).toMatchObject({
      code: 'HTTP_ERROR',
      message: expect.stringContaining('https://elsewhere.example/'),
    });
  });
});

describe('413', () => {
  const LIMIT = 2_000;
  beforeEach(() => {
    service.behave = ({ bytes }) => (bytes > LIMIT ? refusal(413, 'PAYLOAD_TOO_LARGE') : undefined);
  });

  it('halves the batch until it fits, keeps the order, and makes later batches smaller', async () => {
    const client = clients.open({ url: service.url });
    const record = (): string => client.recordExecution({ status: 'success', query_preview: 'x'.repeat(80) });
    const ids = Array.from({ length: 40 }, record);
    await client.flush();
    const refused = (): number => service.received.filter(({ bytes }) => bytes > LIMIT).length;
    const before = refused();
    expect(before).toBeGreaterThan(1);
    ids.push(...Array.from({ length: 40 }, record));
    await client.flush();
    expect(refused()).toBe(before);
    const taken = service.received.filter(({ bytes }) => bytes <= LIMIT);
    expect(taken.flatMap(({ body }) => body.executions!.map(({ id }) => id))).toEqual(ids);
    expect(client.stats()).toMatchObject({ accepted: 80, rejected: 0, dropped: 0 });
  });

  it('of a single item is reported', async () => {
    const client = clients.open({ url: service.url });
    client.recordExecution({ status: 'success' });
    const large = client.recordExecution({ status: 'success', error_message: 'x'.repeat(3_000) });
    client.recordExecution({ status: 'success' });
    await client.flush();
    expect(client.stats()).toMatchObject({ accepted: 2, rejected: 1 });
    expect(clients.reported).toMatchObject([
      { error: { code: 'PAYLOAD_TOO_LARGE', status: 413 }, items: [{ item: { id: large } }] },
    ]);
  });
});
