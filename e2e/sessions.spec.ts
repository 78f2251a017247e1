/** Where the dashboards about sessions, tools, teams and cost lead to, and what their key panels show. */
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './support/test.js';

const RANGE = { from: 'now-30d', to: 'now' };

// Grafana only renders panels in the viewport.
test.use({ viewport: { width: 1600, height: 4000 } });

const panel = (page: Page, title: string): Locator =>
  page.getByTestId(`data-testid Panel header ${title}`).last();

test('a click on a session lists its executions', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ uid: 'agentidp-sessions', queryParams: new URLSearchParams(RANGE) });
  const link = panel(page, 'Recent sessions').locator('a[href*="var-session="]').first();
  const id = /var-session=([^&]+)/.exec((await link.getAttribute('href')) ?? '')?.[1] ?? '';
  expect(id).not.toBe('');
  // Its middle may be cut off by the next column.
  await link.click({ position: { x: 20, y: 8 } });
  await expect(page).toHaveURL(new RegExp(`/d/agentidp-executions/.*var-session=${id}`));
  const executions = panel(page, 'Recent executions').locator('a[href*="/d/agentidp-execution?"]');
  await expect(executions.first()).toBeVisible();
  expect(await executions.count()).toBeLessThan(20);
});

test('the flows, the drop-off and the funnel of one agent are shown', async ({ page, gotoDashboardPage }) => {
  const queryParams = new URLSearchParams({ ...RANGE, 'var-agent': 'refund-assistant' });
  await gotoDashboardPage({ uid: 'agentidp-sessions', queryParams });
  await expect(panel(page, 'Flow of steps')).toContainText('request_photos');
  await expect(panel(page, 'Common flows')).toContainText('read_order → check_policy');
  await expect(panel(page, 'Where sessions end')).toContainText('request_photos');
  for (const tool of ['read_order', 'request_photos', 'create_refund'])
    await expect(panel(page, 'Funnel')).toContainText(tool);
});

test('a status selects the sessions of the list', async ({ page, gotoDashboardPage }) => {
  const queryParams = new URLSearchParams({ ...RANGE, 'var-status': 'failed' });
  await gotoDashboardPage({ uid: 'agentidp-sessions', queryParams });
  const recent = panel(page, 'Recent sessions');
  await expect(recent).toContainText('failed');
  await expect(recent).not.toContainText('completed');
});

test('a failed call of a tool opens its execution', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ uid: 'agentidp-tools', queryParams: new URLSearchParams(RANGE) });
  await panel(page, 'Last errors').locator('a[href*="/d/agentidp-execution?"]').first().click();
  await expect(page).toHaveURL(/\/d\/agentidp-execution\/.*var-execution=/);
  await expect(panel(page, 'Status')).toContainText(/success|failure|timeout/);
});

test('users have their names in the table and in the heatmap', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ uid: 'agentidp-teams', queryParams: new URLSearchParams(RANGE) });
  await expect(panel(page, 'Users')).toContainText('Support desk 1');
  await expect(panel(page, 'Executions by user and day').locator('canvas').first()).toBeVisible();
  await expect(panel(page, 'Agent tags')).toContainText('engineering');
});

test('the metric of the variable is shown by agent', async ({ page, gotoDashboardPage }) => {
  const queryParams = new URLSearchParams({ ...RANGE, 'var-metric': 'execution_cost_avg_usd' });
  await gotoDashboardPage({ uid: 'agentidp-compare-agents', queryParams });
  await expect(panel(page, 'By agent: Average cost').locator('canvas').first()).toBeVisible();
  await expect(panel(page, 'Side by side')).toContainText('Code reviewer');
});

test('a recommendation has its savings and opens an execution', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ uid: 'agentidp-cost-optimisation', queryParams: new URLSearchParams(RANGE) });
  await expect(panel(page, 'Savings')).toContainText(/\$\d/);
  const advice = panel(page, 'Recommendations');
  await expect(advice).toContainText('Support triage could save');
  await expect(advice).toContainText('runs the same request again and again');
  await advice.locator('a[href*="/d/agentidp-execution?"]').first().click();
  await expect(page).toHaveURL(/\/d\/agentidp-execution\/.*var-execution=/);
});
