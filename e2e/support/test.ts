/** Playwright's `test` with Grafana's page objects. Specs are skipped if there is no Grafana. */
import { test as grafanaTest } from '@grafana/plugin-e2e';
import type { APIRequestContext, Page, Request } from '@playwright/test';
import { whyNoGrafana } from './stack.js';

export { expect } from '@grafana/plugin-e2e';

export const PLUGIN = 'agentidp-analytics-datasource';
/** As provisioned. */
export const DATASOURCE = { uid: 'agentidp-analytics', name: 'AgentIdP Analytics' };
/** An agent of the demo with failed calls and tokens, rotations and a retry loop. */
export const AGENT = { id: 'inventory-sync', name: 'Inventory sync' };

interface Fixtures {
  needsGrafana: void;
  /** Sends requests to Grafana as a viewer. */
  viewer: APIRequestContext;
}

export const VIEWER = { login: 'e2e-viewer', password: 'only-looks-at-dashboards' };

export const test = grafanaTest.extend<Fixtures>({
  needsGrafana: [
    async ({}, use, testInfo) => {
      const missing = whyNoGrafana();
      testInfo.skip(missing !== undefined, missing);
      await use();
    },
    { auto: true },
  ],
  viewer: async ({ grafanaAPIClient, playwright, baseURL }, use) => {
    await grafanaAPIClient.createUser({ user: VIEWER.login, password: VIEWER.password, role: 'Viewer' });
    const viewer = await playwright.request.newContext({
      baseURL,
      httpCredentials: { username: VIEWER.login, password: VIEWER.password, send: 'always' },
    });
    await use(viewer);
    await viewer.dispose();
  },
});

/** An environment variable set by global-setup or the user. */
export function setting(name: 'ANALYTICS_URL' | 'ANALYTICS_TOKEN' | 'ANALYTICS_WRITE_TOKEN'): string {
  const value = process.env[name];
  test.skip(!value, `${name} is not set`);
  return value ?? '';
}

/** Id of a successful execution, read through Grafana. */
export async function latestExecution(request: APIRequestContext): Promise<string> {
  const proxy = `/api/datasources/proxy/uid/${DATASOURCE.uid}/token`;
  const answer = await request.get(`${proxy}/api/v1/analytics/executions?status=success&page_size=1`);
  const { items } = (await answer.json()) as { items: Array<{ id: string }> };
  return items[0]!.id;
}

/** A request of the plugin to /query. */
export interface SentQuery {
  metric: string;
  groupBy: string[];
  filters: Array<{ dimension: string; operator: string; values: string[] }>;
  interval: string;
  limit?: number;
}

export const isQuery = (request: Request): boolean =>
  request.method() === 'POST' && request.url().endsWith('/api/v1/analytics/query');

/** Collects the page's requests to /query from now on. */
export function sentQueries(page: Page): SentQuery[] {
  const sent: SentQuery[] = [];
  page.on('request', (request) => {
    if (isQuery(request)) sent.push(...(request.postDataJSON() as { queries: SentQuery[] }).queries);
  });
  return sent;
}
