import { readdirSync } from 'fs';
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
 * The rights of every viewer: whatever a route matches, any viewer can ask for with the data source's token. A real
 * Grafana shows the rest, asked with a viewer's session: these answer, and every other path and method is a 502 without
 * a body, because the data source itself has no URL and nothing but a route leads to the exporter.
 */
describe('the routes of the data proxy', () => {
  it('are these and no other', () => {
    expect(routes.map(({ method, path: route }) => `${method} ${route}`)).toEqual([
      'GET health/ready',
      'GET token/api/v1/analytics/catalog',
      'GET token/api/v1/analytics/dimensions',
      'POST token/api/v1/analytics/query',
      'GET token/api/v1/analytics/jobs',
      'GET token/api/v1/analytics/executions',
      'GET token/api/v1/analytics/budgets',
      'GET token/api/v1/analytics/costs/forecast',
      'GET oauth2/api/v1/analytics/catalog',
      'GET oauth2/api/v1/analytics/dimensions',
      'POST oauth2/api/v1/analytics/query',
      'GET oauth2/api/v1/analytics/jobs',
      'GET oauth2/api/v1/analytics/executions',
      'GET oauth2/api/v1/analytics/budgets',
      'GET oauth2/api/v1/analytics/costs/forecast',
    ]);
  });

  it('lead to the one address that they name, so that a crooked path goes nowhere else', () => {
    for (const { path: route, url } of routes) {
      expect(url).toBe(`{{ .JsonData.url }}/${route.replace(/^(token|oauth2)\//, '')}`);
    }
  });

  it('send no token for the readiness of the service', () => {
    expect(routes[0]).not.toHaveProperty('headers');
    expect(routes[0]).not.toHaveProperty('tokenAuth');
  });

  it('send the token, or one got by client credentials', () => {
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
    // Grafana takes a key of that name for its own.
    expect(JSON.stringify(plugin)).not.toContain('authenticationType');
  });
});

describe('the plugin', () => {
  it('runs on Grafana 12.3 and later', () => {
    expect(plugin.dependencies.grafanaDependency).toBe('>=12.3.0');
  });

  it('lists every dashboard that it brings', () => {
    const present = readdirSync(path.join(__dirname, 'dashboards')).map((name) => `dashboards/${name}`);
    expect(plugin.includes.map(({ path: included }) => included).sort()).toEqual(present.sort());
  });
});
