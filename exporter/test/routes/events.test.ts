import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { LightMyRequestResponse } from 'fastify';
import { uuidv7 } from '../../src/ids.js';
import { type Json, outcomeOf, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

interface Answer {
  accepted: number;
  duplicates: number;
  rejected: { index: number; code: string; message: string }[];
}

const EVENTS = '/api/v1/events';
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

async function sent(events: readonly unknown[], tenant = t.tenant()): Promise<Answer> {
  return outcomeOf<Answer>(await t.post(EVENTS, { events }, tenant));
}

const stored = async (tenant: string): Promise<Json[]> =>
  (await t.pool.query<Json>('SELECT * FROM usage_events WHERE tenant_id = $1', [tenant])).rows;

describe('POST /api/v1/events', () => {
  it('stores an event with everything that it carries', async () => {
    const tenant = t.tenant();
    const event = {
      id: ID.toUpperCase(),
      occurredAt: '2026-03-06T10:15:00.125+01:00',
      agentId: 'a1',
      agentName: 'billing-bot',
      metricType: 'api_calls',
      count: 3,
      endpoint: 'GET /api/v1/agents?page=2',
      status: 200,
      durationMs: 12.5,
      userId: 'u-7',
      environment: 'production',
    };
    expect(await sent([event], tenant)).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
    expect(await stored(tenant)).toEqual([
      {
        tenant_id: tenant,
        occurred_at: new Date('2026-03-06T09:15:00.125Z'),
        event_id: ID,
        agent_id: 'a1',
        metric_type: 'api_calls',
        count: 3,
        endpoint: 'GET /api/v1/agents',
        status_code: 200,
        duration_ms: 12.5,
        user_id: 'u-7',
        environment: 'production',
        date: '2026-03-06',
      },
    ]);
  });

  it('needs no more than the metric type: id, time and count have defaults', async () => {
    const tenant = t.tenant();
    expect(await sent([{ metricType: 'token_failures' }], tenant)).toMatchObject({ accepted: 1 });
    expect(await stored(tenant)).toMatchObject([
      {
        occurred_at: new Date('2026-03-18T12:00:00Z'),
        count: 1,
        agent_id: null,
        event_id: expect.any(String),
      },
    ]);
  });

  it('keeps the good events and names the bad ones by their place', async () => {
    const tenant = t.tenant();
    const answer = await sent(
      [
        { metricType: 'api_calls' },
        { metricType: 'nonsense' },
        { metricType: 'api_calls', occurredAt: '2019-01-01T00:00:00Z' },
        { metricType: 'token_issuances', occurredAt: '2026-03-18T11:00:00Z' },
        { metricType: 'api_calls', occurredAt: '2026-03-18T12:30:00Z' },
      ],
      tenant,
    );
    expect(answer).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'VALIDATION_ERROR'],
      [2, 'EVENT_TOO_OLD'],
      [4, 'EVENT_IN_FUTURE'],
    ]);
    expect(await stored(tenant)).toHaveLength(2);
  });

  it('takes none at all', async () => {
    expect(await sent([])).toEqual({ accepted: 0, duplicates: 0, rejected: [] });
  });

  it('answers 400 with the list where all are bad', async () => {
    const response = await t.post(EVENTS, {
      events: [{}, null, { metricType: 'api_calls', occurredAt: '2019-01-01T00:00:00Z' }],
    });
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>()).toMatchObject({
      message: expect.stringMatching(/^all events were rejected \(3\); the first, at index 0: /),
      details: {
        rejected: [
          { index: 0, code: 'VALIDATION_ERROR', message: expect.any(String) },
          { index: 1, code: 'VALIDATION_ERROR', message: 'an event must be an object' },
          { index: 2, code: 'EVENT_TOO_OLD', message: expect.any(String) },
        ],
      },
    });
  });

  it('logs the outcome with the request', async () => {
    const lines = (): Json[] => t.log.map((line) => JSON.parse(line) as Json);
    const event = call('2026-03-06T09:15:00Z', { id: ID });
    await sent([event, event, {}], t.tenant());
    await sent([{}], t.tenant());
    const requests = lines().filter(({ route, msg }) => route === EVENTS && msg === 'request');
    expect(requests.slice(-2)).toEqual([
      expect.objectContaining({ status: 200, accepted: 1, duplicates: 1, rejected: 1 }),
      expect.objectContaining({ status: 400, accepted: 0, duplicates: 0, rejected: 1 }),
    ]);
  });

  it('happened when its id says, if that is a UUIDv7 and there is no other time', async () => {
    const tenant = t.tenant();
    const id = uuidv7(Date.parse('2026-03-06T09:15:00.123Z'));
    expect(await sent([{ metricType: 'api_calls', id }], tenant)).toMatchObject({ accepted: 1 });
    expect(await sent([{ metricType: 'api_calls', id: id.toUpperCase() }], tenant)).toMatchObject({
      duplicates: 1,
    });
    expect(await stored(tenant)).toMatchObject([{ occurred_at: new Date('2026-03-06T09:15:00.123Z') }]);
  });

  it('counts an event that is sent again as a duplicate, and stores nothing of it', async () => {
    const tenant = t.tenant();
    const event = call('2026-03-06T09:15:00Z', { id: ID, agentId: 'a' });
    expect(await sent([event], tenant)).toMatchObject({ accepted: 1, duplicates: 0 });
    const again = [{ ...event, count: 99 }, call('2026-03-06T09:15:00Z')];
    expect(await sent(again, tenant)).toMatchObject({ accepted: 1, duplicates: 1 });
    expect((await stored(tenant)).map(({ count }) => count)).toEqual([1, 1]);
  });

  it('counts an event that stands twice in a request once', async () => {
    const event = call('2026-03-06T09:15:00Z', { id: ID });
    const sameTime = { ...event, occurredAt: '2026-03-06T10:15:00+01:00', id: ID.toUpperCase() };
    expect(await sent([event, event, sameTime])).toMatchObject({ accepted: 1, duplicates: 2 });
  });

  it('takes the same id for two tenants as two events', async () => {
    const event = call('2026-03-06T09:15:00Z', { id: ID });
    expect(await sent([event])).toMatchObject({ accepted: 1 });
    expect(await sent([event])).toMatchObject({ accepted: 1 });
  });

  it('counts an event once, however many requests bring it at once', async () => {
    const tenant = t.tenant();
    const events = Array.from({ length: 50 }, (_, i) =>
      call('2026-03-06T09:15:00Z', { id: ID.replace(/..$/, String(10 + i)) }),
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => sent(events, tenant)));
    const sum = (pick: (answer: Answer) => number): number =>
      answers.reduce((total, a) => total + pick(a), 0);
    expect([sum((a) => a.accepted), sum((a) => a.duplicates)]).toEqual([50, 350]);
    expect(await stored(tenant)).toHaveLength(50);
  });
});

describe('the size of a request of events', () => {
  const many = (count: number): object => ({ events: Array.from({ length: count }, () => ({})) });

  it('is at most 10,000 events', async () => {
    expect(outcomeOf<Answer>(await t.post(EVENTS, many(10_000))).rejected).toHaveLength(10_000);
    const response = await t.post(EVENTS, many(10_001));
    expect(refusalOf(response)).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(response.json<Json>().message).toContain('10000');
  });

  const withPadding = (bytes: number): string => {
    const body = '{"events":[]}';
    return body + ' '.repeat(bytes - body.length);
  };
  const MIB16 = 16 * 1024 * 1024;

  async function zipped(body: string | Buffer): Promise<LightMyRequestResponse> {
    return t.post(EVENTS, typeof body === 'string' ? gzipSync(body) : body, {
      headers: { 'content-encoding': 'gzip' },
    });
  }

  it('is at most 16 MiB', async () => {
    expect((await t.post(EVENTS, withPadding(MIB16))).statusCode).toBe(200);
    expect(refusalOf(await t.post(EVENTS, withPadding(MIB16 + 1)))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('is at most 16 MiB after decompression', async () => {
    expect((await zipped(withPadding(MIB16))).statusCode).toBe(200);
    expect(refusalOf(await zipped(withPadding(MIB16 + 1)))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });

  it('does not unpack a bomb', async () => {
    const member = gzipSync(Buffer.alloc(1024 * 1024, ' '));
    const bomb = Buffer.concat(Array.from({ length: 512 }, () => member));
    const before = process.memoryUsage().rss;
    expect(refusalOf(await zipped(bomb))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  it('may be told or not', async () => {
    const headers = { ...(await t.headers(t.tenant())), 'content-type': 'application/json' };
    const body = JSON.stringify({ events: [{ metricType: 'api_calls' }] });
    for (const [payload, more] of [
      [Readable.from([body]), {}],
      [Readable.from([gzipSync(body)]), { 'content-encoding': 'gzip' }],
    ] as const) {
      const response = await t.app.inject({
        method: 'POST',
        url: EVENTS,
        headers: { ...headers, ...more },
        payload,
      });
      expect(response.json()).toMatchObject({ accepted: 1 });
    }
  });

  it('unpacks gzip, and refuses what only says that it is', async () => {
    const body = JSON.stringify({ events: [{ metricType: 'api_calls' }] });
    expect((await zipped(body)).json()).toMatchObject({ accepted: 1 });
    for (const broken of [Buffer.from(body), gzipSync(body).subarray(0, 20), Buffer.from('')]) {
      const answer = await zipped(broken);
      expect(refusalOf(answer)).toEqual([400, 'VALIDATION_ERROR']);
      expect(answer.json<{ message: string }>().message).toMatch(/the body is (not valid gzip|empty)|JSON/);
    }
  });
});

describe('a body that is not the envelope', () => {
  it.each([
    ['', 'empty'],
    ['{"events":', 'half'],
    ['[]', 'an array'],
    ['null', 'null'],
    ['{}', 'without events'],
    ['{"events":{}}', 'with another type'],
    ['{"events":null}', 'with null'],
    ['{"events":[],"source":"x"}', 'with more fields'],
    ['{"events":[],"__proto__":{"x":1}}', 'with a prototype'],
  ])('is a 400: %j (%s)', async (body) => {
    expect(refusalOf(await t.post(EVENTS, body))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('is told its unknown field', async () => {
    const response = await t.post(EVENTS, { events: [], tenantId: 'other' });
    expect(response.json<Json>().message).toContain('"tenantId"');
    const query = await t.post(`${EVENTS}?dryRun=1`, { events: [] });
    expect(refusalOf(query)).toEqual([400, 'VALIDATION_ERROR']);
    expect(query.json<Json>().message).toContain('"dryRun"');
  });

  it('is a 415 where it is not JSON', async () => {
    const response = await t.post(EVENTS, 'events', { headers: { 'content-type': 'text/csv' } });
    expect(refusalOf(response)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
});
