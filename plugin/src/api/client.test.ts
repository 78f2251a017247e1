import { firstValueFrom } from 'rxjs';
import { FakeBackend, PROXY } from '../test/backend';
import { CATALOG } from '../test/catalog';
import { AnalyticsClient } from './client';
import { messageOf } from './errors';

let backend: FakeBackend;
let client: AnalyticsClient;

beforeEach(() => {
  backend = new FakeBackend();
  client = new AnalyticsClient(PROXY, 'token');
});

describe('the catalog', () => {
  it('is requested once by simultaneous callers', () => {
    backend.on('GET', 'token/api/v1/analytics/catalog', () => 'never');
    client.catalog().subscribe();
    client.catalog().subscribe();
    expect(backend.requests).toHaveLength(1);
  });

  it('is cancelled when the last subscriber leaves', () => {
    backend.on('GET', 'token/api/v1/analytics/catalog', () => 'never');
    const first = client.catalog().subscribe();
    const second = client.catalog().subscribe();
    first.unsubscribe();
    expect(backend.cancelled).toBe(0);
    second.unsubscribe();
    expect(backend.cancelled).toBe(1);
  });

  it('is cached for some minutes', async () => {
    expect(client.knownCatalog()).toBeUndefined();
    await firstValueFrom(client.catalog());
    expect(client.knownCatalog()).toEqual(CATALOG);
    await firstValueFrom(client.catalog());
    expect(backend.requests).toHaveLength(1);
    const later = Date.now() + 6 * 60_000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    await firstValueFrom(client.catalog());
    expect(backend.requests).toHaveLength(2);
    jest.restoreAllMocks();
  });

  it('is requested again after a failure', async () => {
    backend.on('GET', 'token/api/v1/analytics/catalog', () => ({ status: 502 }));
    await expect(firstValueFrom(client.catalog())).rejects.toThrow('cannot be reached');
    backend.on('GET', 'token/api/v1/analytics/catalog', () => ({ data: CATALOG }));
    expect(await firstValueFrom(client.catalog())).toEqual(CATALOG);
  });
});

describe('a dimension’s values', () => {
  it('are searched by the exporter', async () => {
    backend.on('GET', 'token/api/v1/analytics/dimensions/agent/values', () => ({ data: { values: [] } }));
    await firstValueFrom(client.dimensionValues('agent', { search: 'bot', limit: 5 }));
    await firstValueFrom(client.dimensionValues('agent', { search: '' }));
    expect(backend.requests.map(({ params }) => params)).toEqual([
      { search: 'bot', limit: 5 },
      { search: undefined },
    ]);
  });

  it('are encoded if the dimension contains a slash', () => {
    client.dimensionValues('../query').subscribe({ error: () => undefined });
    expect(backend.requests[0]?.url).toBe(`${PROXY}/token/api/v1/analytics/dimensions/..%2Fquery/values`);
  });
});

describe('an answer', () => {
  it.each(['token/api/v1/analytics/catalog', 'health/ready'])(
    'that is not ours is an error: %s',
    async (path) => {
      backend.on('GET', path, () => ({ data: '<html/>' }));
      const call = path === 'health/ready' ? client.ready() : client.catalog();
      await expect(firstValueFrom(call as never)).rejects.toMatchObject({ kind: 'notOurs' });
    },
  );

  it.each([
    [400, { code: 'INVALID_DATE_RANGE', message: 'from lies after to' }, 'invalid', 'from lies after to'],
    [400, { message: 'Authentication to data source failed' }, 'unauthorized', 'did not accept the token'],
    [401, undefined, 'unauthorized', 'did not accept the token'],
    [403, { code: 'FORBIDDEN', message: 'no' }, 'scope', 'analytics:read'],
    [403, { code: 'ANALYTICS_NOT_AVAILABLE', message: 'no' }, 'tier', 'tier'],
    [403, { message: 'access denied' }, 'denied', 'access denied'],
    [404, { code: 'AGENT_NOT_FOUND', message: 'there is no agent "x"' }, 'missing', 'There is no agent "x"'],
    [404, '<html>not found</html>', 'notFound', 'the URL may be wrong.'],
    [429, { code: 'RATE_LIMITED', message: 'retry in 9 s' }, 'rateLimited', 'retry in 9 s'],
    [502, undefined, 'unreachable', 'cannot be reached.'],
    [503, { code: 'UNAVAILABLE', message: 'database away' }, 'unavailable', 'database away'],
    [504, undefined, 'timeout', 'in time.'],
    [500, { code: 'INTERNAL_ERROR', message: 'internal error' }, 'internal', 'internal error'],
  ])('with status %d and %j is %s', async (status, data, kind, words) => {
    backend.onQuery(() => ({ status, data }));
    const request = { range: { from: '', to: '' }, timeZone: 'UTC', queries: [] };
    const error: unknown = await firstValueFrom(client.query(request)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind });
    expect(messageOf(error)).toContain(words);
  });

  it('of an unknown status has a message', () => {
    expect(messageOf('odd')).toBe('odd');
    expect(messageOf({ status: 418, data: {}, config: {} })).toBe('Status 418');
  });
});
