/** A dashboard that the service publishes in Grafana, with the token of a service account. */
import type { APIRequestContext } from '@playwright/test';
import { problems, type Dashboard } from './support/dashboards.js';
import { type Service, startService } from './support/service.js';
import { expect, test } from './support/test.js';

interface Account {
  id: number;
  tokenId: number;
  token: string;
}

interface Answer {
  id: string;
  uid: string;
  url: string;
  version: number;
  code: string;
  message: string;
}

const NAME = 'Published by the service';
const WIDGETS = [
  { type: 'metric', title: 'Executions', metric: 'executions', period: '7d' },
  { type: 'metric', title: 'Cost', metric: 'cost', period: '30d' },
  {
    type: 'chart',
    title: 'Cost by agent',
    metric: 'cost',
    group_by: ['agent'],
    chart_type: 'area',
    period: '7d',
  },
  { type: 'table', title: 'Calls by endpoint', metric: 'api_calls', group_by: ['endpoint'], period: '7d' },
  { type: 'pie', title: 'Models', metric: 'total_tokens', group_by: ['model'], period: '7d' },
  { type: 'heatmap', title: 'When agents work', metric: 'api_calls', period: '7d' },
  { type: 'funnel', title: 'From order to refund', steps: ['read_order', 'create_refund'], period: '7d' },
];

// Grafana only renders panels in the viewport.
test.use({ viewport: { width: 1600, height: 2600 } });
test.setTimeout(10 * 60_000);

let account: Account;
let service: Service;
let uid = '';

test.beforeEach(async ({ request, baseURL }) => {
  account = await makeAccount(request);
  service = await startService({ GRAFANA_URL: baseURL ?? '', GRAFANA_TOKEN: account.token });
});
// Also runs after a skipped test.
test.afterEach(async ({ request }) => {
  await service?.stop();
  if (uid) await request.delete(`/api/dashboards/uid/${uid}`);
  if (account) await request.delete(`/api/serviceaccounts/${account.id}`);
});

async function makeAccount(request: APIRequestContext): Promise<Account> {
  const post = async <T>(path: string, data: object): Promise<T> => {
    const answer = await request.post(`/api/serviceaccounts${path}`, { data });
    if (!answer.ok()) throw new Error(`Grafana refused a service account: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const { id } = await post<{ id: number }>('', { name: `e2e ${Date.now()}`, role: 'Editor' });
  const made = await post<{ id: number; key: string }>(`/${id}/tokens`, { name: `e2e ${Date.now()}` });
  return { id, tokenId: made.id, token: made.key };
}

test('a dashboard is published and updated, and not published with a token that Grafana does not know', async ({
  page,
  request,
  gotoDashboardPage,
}) => {
  const ask = async (method: string, path: string, data?: object): Promise<[number, Answer]> => {
    const headers = { authorization: `Bearer ${service.token}` };
    const answer = await request.fetch(`${service.url}/${path}`, { method, data, headers });
    return [answer.status(), (await answer.json()) as Answer];
  };
  const [, { id }] = await ask('POST', 'dashboards', { name: NAME, widgets: WIDGETS });
  const [status, published] = await ask('POST', `dashboards/${id}/publish`);
  uid = published.uid;
  expect([status, published]).toEqual([200, { uid, url: expect.stringContaining(`/d/${uid}/`), version: 1 }]);

  await gotoDashboardPage({ uid });
  await expect(page).toHaveTitle(new RegExp(NAME));
  const [, dashboard] = (await ask('GET', `dashboards/${id}/grafana`)) as unknown as [number, Dashboard];
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');
  expect(panels.map(({ title }) => title)).toEqual(WIDGETS.map(({ title }) => title));
  await expect.poll(() => problems(page, { ...dashboard, panels }), { timeout: 120_000 }).toEqual([]);

  await ask('PUT', `dashboards/${id}`, { name: `${NAME} again`, widgets: WIDGETS.slice(0, 1) });
  const [, second] = await ask('POST', `dashboards/${id}/publish`);
  expect(second.uid).toBe(uid);
  expect(second.version).toBeGreaterThan(1);
  await page.goto(second.url);
  await expect(page).toHaveTitle(new RegExp(`${NAME} again`));
  await expect(page.locator('[data-viz-panel-key^="panel-"]')).toHaveCount(1);

  await request.delete(`/api/serviceaccounts/${account.id}/tokens/${account.tokenId}`);
  const [refused, { code, message }] = await ask('POST', `dashboards/${id}/publish`);
  expect([refused, code]).toEqual([503, 'UNAVAILABLE']);
  expect(message).toMatch(/did not accept GRAFANA_TOKEN|the role Editor/);
});
