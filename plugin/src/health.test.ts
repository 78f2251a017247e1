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
  // Grafana's page reads the details from there.
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

describe('the check of a data source', () => {
  it('says what there is to be queried', async () => {
    expect(await datasource().testDatasource()).toEqual({
      status: 'success',
      message: 'AgentIdP Analytics answers: 7 metrics by 6 dimensions.',
    });
  });

  it.each([
    [undefined, 'The URL is missing.'],
    ['', 'The URL is missing.'],
    ['localhost:3001', '“localhost:3001” is not a URL.'],
    ['http://', '“http://” is not a URL.'],
    ['http://exporter:3001/', 'Write it as http://exporter:3001'],
  ])('of the URL %j asks for a right one before anything is sent', async (url, message) => {
    expect((await failure({ url })).message).toContain(message);
    expect(backend.requests).toEqual([]);
  });

  it('of a refused connection or an unknown host says that nothing answers, and where to look', async () => {
    ready(empty(502, 'Bad Gateway'));
    const { message } = await failure();
    expect(message).toContain('Nothing answers at http://exporter:3001.');
    expect(message).toContain('inside a container, localhost is the container itself');
  });

  it('of a service that Grafana waited for in vain speaks of time, though the status is that of a refusal', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
    backend.on('GET', 'health/ready', () => {
      clock.mockReturnValue(30_000);
      return empty(502, 'Bad Gateway');
    });
    expect((await failure()).message).toContain('did not answer in time');
    clock.mockRestore();
  });

  it('of a service that is silent speaks of host, port and firewalls', async () => {
    ready(empty(504, 'Gateway Timeout'));
    expect((await failure()).message).toMatch(/did not answer in time.*firewalls/);
  });

  it.each<[string, Reply]>([
    ['a 404', { status: 404, data: { message: '404 page not found' } }],
    ['a page', { data: '<html>Welcome to nginx</html>' }],
    ['other JSON', { data: { hello: 'world' } }],
    ['another service’s 401', { status: 400, data: { message: 'Authentication to data source failed' } }],
  ])('of %s says that this is not our service', async (_, reply) => {
    ready(reply);
    expect((await failure()).message).toContain(
      'What answers at http://exporter:3001 is not AgentIdP Analytics.',
    );
  });

  it('of a service that is migrating says to wait', async () => {
    const status = { status: 'migrating', database: 'up', schema: { current: 1, expected: 2 } };
    ready({ status: 503, data: status });
    const { message, verbose } = await failure();
    expect(message).toContain('still migrating');
    expect(verbose).toBe(JSON.stringify(status));
  });

  it('of a service without its database says so', async () => {
    ready({ status: 503, data: { status: 'unavailable', database: 'down', schema: null } });
    expect((await failure()).message).toMatch(/not ready.*database is away/);
  });

  it('of a service whose database has another schema says so', async () => {
    const schema = { current: 3, expected: 2 };
    ready({ status: 503, data: { status: 'unavailable', database: 'up', schema } });
    expect((await failure()).message).toMatch(/not ready.*not with the schema of this release/);
  });

  it('of a token that was not accepted says how to make one', async () => {
    catalog({ status: 400, data: { message: 'Authentication to data source failed' } });
    const { message } = await failure();
    expect(message).toContain('did not accept the token');
    expect(message).toContain('npx agentidp-analytics token');
  });

  it('of an OAuth2 token that was not accepted speaks of both who may be wrong', async () => {
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

  it('of half the OAuth2 settings asks for the other half', async () => {
    expect((await failure({ ...OPTIONS, authMethod: 'oauth2' })).message).toContain('incomplete');
  });

  it('of a token without its scope names the scope', async () => {
    catalog({ status: 403, data: { code: 'FORBIDDEN', message: 'scope analytics:read is missing' } });
    const { message, verbose } = await failure();
    expect(message).toContain('Give it the scope analytics:read');
    expect(verbose).toBe('scope analytics:read is missing');
  });

  it('of the free tier says how to leave it', async () => {
    catalog({ status: 403, data: { code: 'ANALYTICS_NOT_AVAILABLE', message: 'free tier' } });
    expect((await failure()).message).toMatch(/free tier.*--tier pro.*ANALYTICS_FREE_TIER/);
  });

  it('of analytics switched off says so', async () => {
    catalog({ status: 404, data: { code: 'NOT_FOUND', message: 'no such route' } });
    expect((await failure()).message).toContain('ANALYTICS_ENABLED=false');
  });

  it('of too many requests says to wait', async () => {
    catalog({ status: 429, data: { code: 'RATE_LIMITED', message: 'try again in 30 s' } });
    expect((await failure()).message).toContain('RATE_LIMIT_PER_MINUTE');
  });

  it('of Grafana’s own refusal speaks of the role', async () => {
    ready({ status: 403, data: { message: 'plugin proxy route access denied' } });
    expect((await failure()).message).toContain('Your role in Grafana may not query this data source');
  });

  it('of anything else points to the log', async () => {
    ready({ status: 500, data: { code: 'INTERNAL_ERROR', message: 'internal error' } });
    expect((await failure()).message).toContain('See the log of the exporter');
    ready('never');
    backend.on('GET', 'health/ready', () => {
      throw new TypeError('Failed to fetch');
    });
    expect((await failure()).message).toContain('Failed to fetch');
  });
});
