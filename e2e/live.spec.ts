/** The dashboard of live figures: streams that go on, and what is running. */
import type { Locator, Page } from '@playwright/test';
import { DATASOURCE, expect, test } from './support/test.js';

// Grafana only renders panels in the viewport.
test.use({ viewport: { width: 1600, height: 1600 } });

const panel = (page: Page, title: string): Locator =>
  page.getByTestId(`data-testid Panel header ${title}`).last();

const STREAM = `/api/datasources/proxy/uid/${DATASOURCE.uid}/token/api/v1/analytics/live`;
const FIGURES = ['Sessions', 'Running', 'Runs/min', 'Cost/min', 'Firing alerts'];
/** The demo sends a few executions a minute. */
const CHANGED_MS = 90_000;

test('live figures come on one stream and change while one watches', async ({ page, gotoDashboardPage }) => {
  const streams: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === STREAM) streams.push(request.url());
  });
  await gotoDashboardPage({ uid: 'agentidp-live' });
  for (const title of FIGURES) await expect(panel(page, title)).toContainText(/\d/);
  const chart = panel(page, 'Executions and API calls');
  await expect(chart.locator('canvas').first()).toBeVisible();
  const shown = new Set<string>();
  await expect
    .poll(
      async () => {
        const texts = FIGURES.map((title) => panel(page, title).innerText());
        shown.add((await Promise.all(texts)).join());
        return shown.size;
      },
      { timeout: CHANGED_MS, intervals: [1_000] },
    )
    .toBeGreaterThan(3);
  await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
  // All panels share it; the browser may have opened it again once.
  expect(streams.length).toBeGreaterThan(0);
  expect(streams.length).toBeLessThanOrEqual(2);
});

test('sessions that are active are listed with their flow', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ uid: 'agentidp-live' });
  const sessions = panel(page, 'Sessions that are active');
  await expect(sessions.locator('a[href*="var-session="]').first()).toBeVisible();
  await expect(sessions).toContainText('active');
});

test('an execution that is running is listed with its last step', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ uid: 'agentidp-live' });
  const running = panel(page, 'Executions that are running');
  await expect(running.locator('a[href*="/d/agentidp-execution?"]').first()).toBeVisible();
  await expect(running).toContainText('Last step');
  await expect(running).toContainText(/read_product|translate|write_attributes|thought/);
});
