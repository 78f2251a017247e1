import { HealthCheckError } from '@grafana/runtime';
import { FakeBackend, type Reply } from './test/backend';
import { datasource, OPTIONS } from './test/requests';
import { fakeTemplates } from './test/templates';
import type { AnalyticsOptions } from './types';

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend();
});

interface Failure {
  message: string;
  verbose?: unknown;
}

async function failure(options: AnalyticsOptions = OPTIONS): Promise<Failure> {
  const thrown: unknown = await datasource(options)
    .testDatasource()
    .catch((error: unknown) => error);
  // Grafana's settings page reads the details from this field.
  const error = (thrown as { error?: unknown }).error;
  if (!(error instanceof HealthCheckError)) {
    throw new Error(`no failed check: ${JSON.stringify(thrown)}`);
  }
  return { message: error.message, verbose: error.details?.verboseMessage };
}

const ready = (reply: Reply) => backend.on('GET', 'health/ready', () => reply);
const catalog = (reply: Reply) => backend.on('GET', 'token/api/v1/analytics/catalog', () => reply);
const empty = (status: number, statusText: string): Reply => ({
  status,
  statusText,
  data: { message: statusText, error: statusText, response: '' },
});

describe('the health check', () => {
  it('reports the numbers of metrics and dimensions', async () => {
    expect(await datasource().testDatasource()).toEqual({
      status: 'success',
      message: 'Connected to AgentIdP Analytics: 7 metrics, 6 dimensions.',
    });
  });

  it.each([
    [undefined, 'The URL is missing.'],
    ['', 'The URL is missing.'],
    ['localhost:3001', '“localhost:3001” is not a URL.'],
    ['http://', '“http://” is not a URL.'],
    ['http://exporter:3001/', 'Write it as http://exporter:3001'],
  ])('rejects the URL %j before a request is sent', async (url, message) => {
    expect((await failure({ url })).message).toContain(message);
    expect(backend.requests).toEqual([]);
  });

  it('explains a refused connection or an unknown host', async () => {
    ready(empty(502, 'Bad Gateway'));
    const { message } = await failure();
    expect(message).toContain('Could not connect to http://exporter:3001.');
    expect(message).toContain('inside a container, localhost is the container itself');
  });

  it('distinguishes a timeout from a refused connection with the same status', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
    backend.on('GET', 'health/ready', () => {
      clock.mockReturnValue(30_000);
      return empty(502, 'Bad Gateway');
    });
    expect((await failure()).message).toContain('did not respond in time');
    clock.mockRestore();
  });

  it('explains a service that does not respond', async () => {
    ready(empty(504, 'Gateway Timeout'));
    expect((await failure()).message).toMatch(/did not respond in time.*firewall/);
  });

  it.each<[string, Reply]>([
    ['a 404', { status: 404, data: { message: '404 page not found' } }],
    ['a page', { data: '<html>Welcome to nginx</html>' }],
    ['other JSON', { data: { hello: 'world' } }],
    ['another service’s 401', { status: 400, data: { message: 'Authentication to data source failed' } }],
  ])('recognizes another service by %s', async (_, reply) => {
    ready(reply);
    expect((await failure()).message).toContain(
      'The service at http://exporter:3001 is not AgentIdP Analytics.',
    );
  });

  it('advises to wait during a migration', async () => {
    const status = { status: 'migrating', database: 'up', schema: { current: 1, expected: 2 } };
    ready({ status: 503, data: status });
    const { message, verbose } = await failure();
    expect(message).toContain('still being migrated');
    expect(verbose).toBe(JSON.stringify(status));
  });

  it('reports an unreachable database', async () => {
    ready({ status: 503, data: { status: 'unavailable', database: 'down', schema: null } });
    expect((await failure()).message).toMatch(/not ready.*database is unreachable/);
  });

  it('reports a schema of another version', async () => {
    const schema = { current: 3, expected: 2 };
    ready({ status: 503, data: { status: 'unavailable', database: 'up', schema } });
    expect((await failure()).message).toMatch(/not ready.*schema does not match this release/);
  });

  it('explains how to replace a rejected token', async () => {
    catalog({ status: 400, data: { message: 'Authentication to data source failed' } });
    const { message } = await failure();
    expect(message).toContain('did not accept the token');
    expect(message).toContain('npx agentidp-analytics token');
  });

  it('names both possible causes of a rejected OAuth2 token', async () => {
    backend.on('GET', 'oauth2/api/v1/analytics/catalog', () => ({
      status: 400,
      data: { message: 'Authentication to data source failed' },
    }));
    const options: AnalyticsOptions = {
      ...OPTIONS,
      authMethod: 'oauth2',
      tokenUrl: 'https://idp/token',
      clientId: 'g',
    };
    const { message } = await failure(options);
    expect(message).toContain('Check the token URL, the client id and the client secret');
    expect(message).toContain('issuer and the audience');
  });

  it('asks for missing OAuth2 settings', async () => {
    expect((await failure({ ...OPTIONS, authMethod: 'oauth2' })).message).toContain('incomplete');
  });

  it('names the missing scope of a token', async () => {
    catalog({ status: 403, data: { code: 'FORBIDDEN', message: 'scope analytics:read is missing' } });
    const { message, verbose } = await failure();
    expect(message).toContain('Give it the scope analytics:read');
    expect(verbose).toBe('scope analytics:read is missing');
  });

  it('explains how to leave the free tier', async () => {
    catalog({ status: 403, data: { code: 'ANALYTICS_NOT_AVAILABLE', message: 'free tier' } });
    expect((await failure()).message).toMatch(/free tier.*--tier pro.*ANALYTICS_FREE_TIER/);
  });

  it('reports that analytics is disabled', async () => {
    catalog({ status: 404, data: { code: 'NOT_FOUND', message: 'no such route' } });
    expect((await failure()).message).toContain('ANALYTICS_ENABLED=false');
  });

  it('advises to wait after too many requests', async () => {
    catalog({ status: 429, data: { code: 'RATE_LIMITED', message: 'try again in 30 s' } });
    expect((await failure()).message).toContain('RATE_LIMIT_PER_MINUTE');
  });

  it('names the role if Grafana refuses the request', async () => {
    ready({ status: 403, data: { message: 'plugin proxy route access denied' } });
    expect((await failure()).message).toContain('Your role in Grafana may not query this data source');
  });

  it('refers to the log for any other error', async () => {
    ready({ status: 500, data: { code: 'INTERNAL_ERROR', message: 'internal error' } });
    expect((await failure()).message).toContain('See the log of the exporter');
    ready('never');
    backend.on('GET', 'health/ready', () => {
      throw new TypeError('Failed to fetch');
    });
    expect((await failure()).message).toContain('Failed to fetch');
  });
});
