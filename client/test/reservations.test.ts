import { AnalyticsError, BudgetExceededError } from '../src/index.js';
import { Clients } from './support/client.js';
import { refusal, Service, type Behaviour } from './support/service.js';

const clients = new Clients();
let service: Service;

beforeEach(async () => {
  service = await Service.start();
});
afterEach(async () => {
  await clients.close();
  await service.stop();
});

const made = { id: '0198', expires_at: '2026-03-06T09:30:00Z', budgets: [] };
const created: Behaviour = { status: 201, body: made };
const first =
  (...answers: Behaviour[]) =>
  (_request: unknown, index: number): Behaviour =>
    answers[index];
const unavailable = refusal(503, 'UNAVAILABLE', { headers: { 'retry-after': '0' } });

/** The error that the promise rejects with. */
const errorOf = (work: Promise<unknown>): Promise<AnalyticsError> =>
  work.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error: AnalyticsError) => error,
  );

describe('reserve', () => {
  it('returns the reservation', async () => {
    service.behave = () => created;
    const asked = { agent_id: 'a', estimated_cost_usd: 0.5, ttl_seconds: 60 };
    expect(await clients.open({ url: service.url }).reserve(asked)).toEqual(made);
    expect(service.received).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/analytics/budgets/reservations',
        body: asked,
        authorization: 'Bearer a-token',
      },
    ]);
  });

  it('throws the budget that would be exceeded, without a retry', async () => {
    const details = {
      ...{ budget_id: 'b', name: 'team', threshold_usd: 10, current_spend_usd: 9.5, reserved_usd: 0.4 },
      estimated_cost_usd: 0.2,
    };
    service.behave = () => refusal(402, 'BUDGET_EXCEEDED', { details });
    const error = await errorOf(clients.open({ url: service.url }).reserve({ estimated_cost_usd: 0.2 }));
    expect(error).toBeInstanceOf(BudgetExceededError);
    expect(error).toBeInstanceOf(AnalyticsError);
    expect(error).toMatchObject({
      ...{
        name: 'BudgetExceededError',
        code: 'BUDGET_EXCEEDED',
        status: 402,
        budget: details,
        requestId: 'r-1',
      },
    });
    expect(service.received).toHaveLength(1);
  });

  it.each<[string, Behaviour]>([
    ['429', refusal(429, 'RATE_LIMITED', { headers: { 'retry-after': '0' } })],
    ["the service's own 503, which says that nothing is reserved", unavailable],
  ])('is retried after %s', async (_name, answer) => {
    service.behave = first(answer, answer, created);
    expect(await clients.open({ url: service.url }).reserve({ estimated_cost_usd: 1 })).toEqual(made);
    expect(service.received).toHaveLength(3);
  });

  it.each<[string, Behaviour, string]>([
    ['a connection cut after it was sent', 'cut', 'NETWORK_ERROR'],
    ['a timeout', 'silent', 'TIMEOUT'],
    ["a proxy's 502", { status: 502 }, 'HTTP_ERROR'],
    ["a proxy's 503", { status: 503, body: '<h1>no</h1>' }, 'HTTP_ERROR'],
    ["a proxy's 504", { status: 504 }, 'HTTP_ERROR'],
    ['500', refusal(500, 'INTERNAL_ERROR'), 'INTERNAL_ERROR'],
    [
      "the service's own 503 that names a reservation",
      refusal(503, 'UNAVAILABLE', { details: { reservation_id: '0198' }, headers: { 'retry-after': '0' } }),
      'UNAVAILABLE',
    ],
    ["a response that is not the service's", { status: 200, body: {} }, 'HTTP_ERROR'],
  ])('is not retried after %s, because the amount may be reserved', async (_name, answer, code) => {
    service.behave = () => answer;
    const client = clients.open({ url: service.url, timeoutMs: answer === 'silent' ? 100 : 5_000 });
    expect(await errorOf(client.reserve({ estimated_cost_usd: 1 }))).toMatchObject({ code });
    expect(service.received).toHaveLength(1);
  });

  it('is retried if the connection is refused', async () => {
    const url = service.url;
    await service.stop();
    let asked = 0;
    const client = clients.open({
      url,
      fetch: (...request) => {
        asked += 1;
        return fetch(...request);
      },
      maxRetries: 3,
    });
    expect(await errorOf(client.reserve({ estimated_cost_usd: 1 }))).toMatchObject({ code: 'NETWORK_ERROR' });
    expect(asked).toBe(4);
    service = await Service.start();
  });

  it('makes all attempts within one timeout', async () => {
    service.behave = () => unavailable;
    const client = clients.open({ url: service.url, timeoutMs: 150, maxRetries: 1e6 });
    const began = Date.now();
    expect(await errorOf(client.reserve({ estimated_cost_usd: 1 }))).toMatchObject({
      name: 'AnalyticsError',
    });
    expect(Date.now() - began).toBeLessThan(1_000);
    service.behave = () => refusal(429, 'RATE_LIMITED', { headers: { 'retry-after': '60' } });
    expect(await errorOf(client.reserve({ estimated_cost_usd: 1 }))).toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('release', () => {
  it.each<[string, Behaviour[]]>([
    ['at the first attempt', []],
    ['after broken connections', ['cut', 'cut']],
    ['after a 502', [{ status: 502 }]],
    ['if the response to the first attempt was lost', ['cut', refusal(404, 'NOT_FOUND')]],
  ])('succeeds %s', async (_name, answers) => {
    service.behave = (_request, index) => answers[index] ?? { status: 204 };
    await clients.open({ url: service.url }).release('0198/x');
    expect(service.received[0]).toMatchObject({
      method: 'DELETE',
      path: '/api/v1/analytics/budgets/reservations/0198%2Fx',
    });
  });

  it('throws if there is no such reservation', async () => {
    service.behave = () => refusal(404, 'NOT_FOUND');
    expect(await errorOf(clients.open({ url: service.url }).release('x'))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
