import { readdirSync, readFileSync } from 'fs';
import path from 'path';
import plugin from './plugin.json';

interface Route {
  path: string;
  method?: string;
  url: string;
  headers?: Array<{ name: string; content: string }>;
  tokenAuth?: { url: string; params: Record<string, string> };
}

const routes: Route[] = plugin.routes;

/**
 * Every viewer can send any request that a route matches, with the token of the data source. e2e/viewer.spec.ts checks
 * with a real Grafana that no other request reaches the exporter.
 */
describe('the routes of the data proxy', () => {
  it('are these only', () => {
    expect(routes.map(({ method, path: route }) => `${method} ${route}`)).toEqual([
      'GET health/ready',
      'GET token/api/v1/analytics/catalog',
      'GET token/api/v1/analytics/dimensions',
      'POST token/api/v1/analytics/query',
      'GET token/api/v1/analytics/jobs',
      'GET token/api/v1/analytics/executions',
      'GET token/api/v1/analytics/budgets',
      'GET token/api/v1/analytics/alerts',
      'GET token/api/v1/analytics/costs/forecast',
      'GET token/api/v1/analytics/sessions',
      'GET token/api/v1/analytics/tools',
      'GET token/api/v1/analytics/team',
      'GET token/api/v1/analytics/users/activity',
      'GET token/api/v1/analytics/agents/compare',
      'GET token/api/v1/analytics/costs/recommendations',
      'GET token/api/v1/analytics/live',
      'GET token/api/v1/analytics/reports',
      'GET oauth2/api/v1/analytics/catalog',
      'GET oauth2/api/v1/analytics/dimensions',
      'POST oauth2/api/v1/analytics/query',
      'GET oauth2/api/v1/analytics/jobs',
      'GET oauth2/api/v1/analytics/executions',
      'GET oauth2/api/v1/analytics/budgets',
      'GET oauth2/api/v1/analytics/alerts',
      'GET oauth2/api/v1/analytics/costs/forecast',
      'GET oauth2/api/v1/analytics/sessions',
      'GET oauth2/api/v1/analytics/tools',
      'GET oauth2/api/v1/analytics/team',
      'GET oauth2/api/v1/analytics/users/activity',
      'GET oauth2/api/v1/analytics/agents/compare',
      'GET oauth2/api/v1/analytics/costs/recommendations',
      'GET oauth2/api/v1/analytics/live',
      'GET oauth2/api/v1/analytics/reports',
    ]);
  });

  it('lead to the address that they name only', () => {
    for (const { path: route, url } of routes) {
      expect(url).toBe(`{{ .JsonData.url }}/${route.replace(/^(token|oauth2)\//, '')}`);
    }
  });

  it('send no token with the readiness check', () => {
    expect(routes[0]).not.toHaveProperty('headers');
    expect(routes[0]).not.toHaveProperty('tokenAuth');
  });

  it('send the token, or one from the client credentials grant', () => {
    for (const { path: route, headers, tokenAuth } of routes.slice(1)) {
      if (route.startsWith('token/')) {
        expect(headers).toEqual([{ name: 'Authorization', content: 'Bearer {{ .SecureJsonData.token }}' }]);
      } else {
        expect(tokenAuth).toEqual({
          url: '{{ .JsonData.tokenUrl }}',
          params: {
            grant_type: 'client_credentials',
            client_id: '{{ .JsonData.clientId }}',
            client_secret: '{{ .SecureJsonData.clientSecret }}',
            scope: '{{ orEmpty .JsonData.scope }}',
            audience: '{{ orEmpty .JsonData.audience }}',
          },
        });
      }
    }
  });

  it('read secrets from where Grafana keeps them encrypted', () => {
    expect(JSON.stringify(routes)).not.toMatch(/\.JsonData\.\w*(secret|token\b)/i);
    // Grafana reserves a key with that name.
    expect(JSON.stringify(plugin)).not.toContain('authenticationType');
  });
});

describe('the plugin', () => {
  it('runs on Grafana 12.3 and later', () => {
    expect(plugin.dependencies.grafanaDependency).toBe('>=12.3.0');
  });

  it('includes every dashboard that needs no other data source', () => {
    const folder = path.join(__dirname, '../../provisioning/grafana/dashboards');
    const selfContained = readdirSync(folder).filter(
      (name) => !readFileSync(path.join(folder, name), 'utf8').includes('"type": "prometheus"'),
    );
    expect(selfContained).not.toHaveLength(0);
    expect(plugin.includes.map(({ path: included }) => included).sort()).toEqual(
      selfContained.map((name) => `dashboards/${name}`).sort(),
    );
  });
});
