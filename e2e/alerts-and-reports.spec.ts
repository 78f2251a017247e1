/** The dashboard of alerts and reports: the demo's alerts, when they fired, and reports as pages. */
import type { Locator, Page } from '@playwright/test';
import { expect, test } from './support/test.js';

const open = {
  uid: 'agentidp-alerts-and-reports',
  queryParams: new URLSearchParams({ from: 'now-1h', to: 'now' }),
};
/** The demo's incident is every 6 minutes. */
const INCIDENT_MS = 8 * 60_000;

// Grafana only renders panels in the viewport.
test.use({ viewport: { width: 1600, height: 2600 } });
test.setTimeout(12 * 60_000);

const panel = (page: Page, title: string): Locator =>
  page.getByTestId(`data-testid Panel header ${title}`).last();

test('alerts are listed with their state, and marked where they fired', async ({
  page,
  gotoDashboardPage,
}) => {
  await gotoDashboardPage(open);
  const alerts = panel(page, 'Alerts');
  await expect(alerts).toContainText('Support triage fails');
  await expect(alerts).toContainText('critical');
  await expect(alerts).toContainText(/firing|ok/);
  const marks = panel(page, 'Error rates').getByTestId('data-testid annotation-marker');
  await expect
    .poll(
      async () => {
        await page.getByTestId('data-testid RefreshPicker run button').click();
        return marks.count();
      },
      { timeout: INCIDENT_MS, intervals: [5_000] },
    )
    .toBeGreaterThan(0);
  await marks.last().hover();
  await expect(page.getByText(/Support triage fails|is firing|resolved/i).last()).toBeVisible();
});

test('the last run of a report opens as a page', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage(open);
  const reports = panel(page, 'Reports');
  await expect(reports).toContainText('Week of the agents');
  await expect(reports).toContainText('done');
  const link = reports.locator('a[href*="format=html"]').first();
  await expect(link).toHaveAttribute('href', /\/reports\/[\da-f-]{36}\/runs\/[\da-f-]{36}\?format=html$/);
  const opened = page.waitForEvent('popup');
  await link.click();
  const report = await opened;
  await expect(report.getByText('Week of the agents').first()).toBeVisible();
  await expect(report.getByText(/Executions/).first()).toBeVisible();
});
