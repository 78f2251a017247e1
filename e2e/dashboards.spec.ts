/** Opens every dashboard and checks that each panel shows data without an error. */
import { dashboards, problems } from './support/dashboards.js';
import { expect, latestExecution, test } from './support/test.js';

/** Rates in Prometheus require a minute of scrapes. */
const PATIENCE_MS = 4 * 60_000;

// Grafana only renders panels in the viewport.
test.use({ viewport: { width: 1600, height: 4000 } });

for (const dashboard of dashboards) {
  test(`the dashboard ${dashboard.title} shows data in every panel`, async ({
    page,
    gotoDashboardPage,
    request,
  }) => {
    const failures: string[] = [];
    page.on('pageerror', ({ message }) => failures.push(message));
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      const isData = /^\/api\/(datasources|ds|annotations)\//.test(pathname);
      if (isData && response.status() >= 400) failures.push(`${response.status()} ${pathname}`);
    });
    // The Execution dashboard requires an execution id.
    const queryParams = new URLSearchParams(
      dashboard.uid === 'agentidp-execution' ? { 'var-execution': await latestExecution(request) } : {},
    );
    await gotoDashboardPage({ uid: dashboard.uid, queryParams });
    await expect.poll(() => problems(page, dashboard), { timeout: PATIENCE_MS }).toEqual([]);
    expect(failures).toEqual([]);
  });
}
