/** The health check of the data source, with advice for each problem. */
import type { TestDataSourceResponse } from '@grafana/data';
import { HealthCheckError } from '@grafana/runtime';
import { firstValueFrom, type Observable } from 'rxjs';
import type { AnalyticsClient } from './api/client';
import { ApiError, messageOf, textOf } from './api/errors';
import type { AnalyticsOptions, AuthMethod } from './types';

/** Grafana's settings page reads the details from `error`, as for its backend data sources. */
class FailedCheck extends HealthCheckError {
  readonly error = this;

  /** @param said message of the response, for the details */
  constructor(problem: string, advice: string, said?: string) {
    super(`${problem} ${advice}`, said ? { verboseMessage: said } : undefined);
  }
}

/**
 * Requests readiness without a token, then the catalog with it.
 * @throws HealthCheckError with advice for the operator
 */
export async function checkHealth(
  client: AnalyticsClient,
  options: AnalyticsOptions,
): Promise<TestDataSourceResponse> {
  const url = checkedUrl(options);
  checkOAuth(options);
  await attempt(client.ready(), (error) => explainNotReady(error, url));
  const catalog = await attempt(client.catalog(), (error) =>
    explainRefusal(error, url, options.authMethod ?? 'token'),
  );
  const { metrics, dimensions } = catalog;
  return {
    status: 'success',
    message: `Connected to AgentIdP Analytics: ${metrics.length} metrics, ${dimensions.length} dimensions.`,
  };
}

function checkedUrl({ url }: AnalyticsOptions): string {
  if (!url) {
    throw new FailedCheck(
      'The URL is missing.',
      'Enter the address of the exporter, such as http://localhost:3001. In a provisioning file, set jsonData.url.',
    );
  }
  if (!/^https?:\/\/[^/\s]+/.test(url) || !URL.canParse(url)) {
    throw new FailedCheck(
      `“${url}” is not a URL.`,
      'It must begin with http:// or https://, such as http://localhost:3001.',
    );
  }
  if (url.endsWith('/')) {
    throw new FailedCheck('The URL ends with a slash.', `Write it as ${url.replace(/\/+$/, '')}`);
  }
  return url;
}

function checkOAuth({ authMethod, tokenUrl, clientId }: AnalyticsOptions): void {
  if (authMethod === 'oauth2' && (!tokenUrl || !clientId)) {
    throw new FailedCheck(
      'The OAuth2 settings are incomplete.',
      'Enter the token URL, the client id and the client secret.',
    );
  }
}

/** Advice if the service is not reachable or not ready. */
function explainNotReady(error: ApiError, url: string): FailedCheck {
  const said = saidBy(error);
  switch (error.kind) {
    case 'unreachable':
      return new FailedCheck(
        `Could not connect to ${url}.`,
        'The connection was refused, or the host name is unknown. Check the URL, and that the exporter is running and ' +
          'that the Grafana server can reach it: inside a container, localhost is the container itself.',
      );
    case 'timeout':
      return new FailedCheck(
        `${url} did not respond in time.`,
        'Check the host, the port, and any firewall between the Grafana server and the exporter.',
      );
    case 'notFound':
    case 'notOurs':
    case 'invalid':
    case 'unauthorized':
      return new FailedCheck(
        `The service at ${url} is not AgentIdP Analytics.`,
        'Check host, port and path: enter the URL of the exporter itself, by default on port 3001, without ' +
          '/api/v1/analytics.',
        said,
      );
    case 'unavailable':
      return new FailedCheck(...explainUnavailable(readinessOf(error)), said);
    case 'rateLimited':
      return new FailedCheck(
        'Too many requests.',
        'Wait a minute, or increase RATE_LIMIT_PER_MINUTE of the exporter.',
        said,
      );
    case 'denied':
      return new FailedCheck(error.message, 'Your role in Grafana may not query this data source.');
    default:
      return new FailedCheck(error.message, 'See the log of the exporter.', said);
  }
}

/** Advice if the service is ready but rejects the data source. */
function explainRefusal(error: ApiError, url: string, authMethod: AuthMethod): FailedCheck {
  const said = saidBy(error);
  switch (error.kind) {
    case 'unauthorized':
      return authMethod === 'oauth2'
        ? new FailedCheck(
            'AgentIdP Analytics did not accept the OAuth2 token, or received none.',
            'Check the token URL, the client id and the client secret: if Grafana cannot get a token, it sends the ' +
              'request without one, and only its server log says so. Then check that the exporter expects the issuer and ' +
              'the audience of the token, and that the token contains organization_id.',
          )
        : new FailedCheck(
            'AgentIdP Analytics did not accept the token.',
            'It is missing, expired, or signed with another key. Create one where the exporter runs, with ' +
              '`npx agentidp-analytics token --tenant ID --scope analytics:read --days N`, and enter it here.',
          );
    case 'scope':
      return new FailedCheck(
        'The token may not read analytics.',
        'Give it the scope analytics:read. A token for Grafana needs no other scope.',
        said,
      );
    case 'tier':
      return new FailedCheck(
        'This tenant is in the free tier, which does not include analytics.',
        'Run `npx agentidp-analytics tenant set ID --tier pro`, or start the exporter with ANALYTICS_FREE_TIER=true.',
        said,
      );
    case 'notFound':
    case 'notOurs':
      return new FailedCheck(
        `AgentIdP Analytics at ${url} does not return a catalog.`,
        'Analytics may be disabled (ANALYTICS_ENABLED=false), or a proxy may not forward /api/v1/analytics.',
        said,
      );
    default:
      return explainNotReady(error, url);
  }
}

async function attempt<T>(call: Observable<T>, explain: (error: ApiError) => FailedCheck): Promise<T> {
  try {
    return await firstValueFrom(call);
  } catch (error) {
    throw error instanceof ApiError ? explain(error) : new FailedCheck('The check failed.', messageOf(error));
  }
}

/** The body of /health/ready. */
function readinessOf({ data }: ApiError): { status?: unknown; database?: unknown } {
  return typeof data === 'object' && data !== null ? data : {};
}

function explainUnavailable({ status, database }: ReturnType<typeof readinessOf>): [string, string] {
  if (status === 'migrating') {
    return [
      'AgentIdP Analytics is running, but its database is still being migrated.',
      'Test again later. If this does not change, see the log of the exporter, or run its migrate command.',
    ];
  }
  return [
    'AgentIdP Analytics is running, but not ready.',
    database === 'up'
      ? 'The database is reachable, but its schema does not match this release. See the log of the exporter.'
      : 'Most likely the database is unreachable. See the log of the exporter.',
  ];
}

function saidBy({ data }: ApiError): string | undefined {
  return textOf(data) ?? (typeof data === 'object' && data !== null ? JSON.stringify(data) : undefined);
}
