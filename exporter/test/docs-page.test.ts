/** The page at /docs as a person meets it: in a browser, under the page's own content security policy. */
import { type Browser, chromium, type Locator, type Page, type Request } from 'playwright-core';
import { describeWith, findProgram } from './support/optional.js';
import { testApp, type TestApp } from './support/app.js';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'];
/** A name that a browser does not trust as it trusts loopback. */
const OTHER_NAME = 'analytics.test';
/** A browser on a busy machine. */
const PATIENCE_MS = 60_000;

interface OpenApi {
  tags: { name: string }[];
  paths: Record<string, Record<string, unknown>>;
}

describeWith(CHROMIUM, 'the page at /docs', () => {
  let t: TestApp;
  let browser: Browser;
  let page: Page;
  let url: string;
  const complaints: string[] = [];
  const requests: Request[] = [];

  beforeAll(async () => {
    t = await testApp();
    url = await t.app.listen({ host: '127.0.0.1', port: 0 });
    browser = await chromium.launch({
      executablePath: findProgram(...CHROMIUM),
      args: ['--no-sandbox', '--disable-gpu', `--host-resolver-rules=MAP ${OTHER_NAME} 127.0.0.1`],
      timeout: PATIENCE_MS,
    });
    page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request));
    page.on('requestfailed', (request) =>
      complaints.push(`${request.url()}: ${request.failure()?.errorText}`),
    );
    await page.goto(`${url}/docs`, { waitUntil: 'load' });
    await page.locator('.opblock-tag-section').first().waitFor();
  }, 2 * PATIENCE_MS);

  afterAll(async () => {
    await browser?.close();
    await t?.close();
  }, PATIENCE_MS);

  it('shows every tag and, below them, every route once', async () => {
    const { tags, paths } = await t.read<OpenApi>('/openapi.json');
    expect(
      await page.locator('.opblock-tag').evaluateAll((all) => all.map(({ dataset }) => dataset.tag)),
    ).toEqual(tags.map(({ name }) => name));
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.length).toBeGreaterThan(15);
    const shown = await page.locator('.opblock-summary').evaluateAll((all) =>
      all.map((summary) => {
        const text = (selector: string) => summary.querySelector(selector)?.textContent ?? '';
        // Long paths hold zero-width spaces, at which they may break.
        return `${text('.opblock-summary-method')} ${text('.opblock-summary-path').replaceAll('\u200b', '')}`;
      }),
    );
    expect(shown.sort()).toEqual(routes.sort());
  });

  /** Sends a route's request from the page; its answer as the page shows it. */
  async function tryOut(path: string): Promise<Locator> {
    const route = page.locator('.opblock', { has: page.locator(`[data-path="${path}"]`) });
    await route.locator('.opblock-summary-control').click();
    await route.getByRole('button', { name: 'Try it out' }).click();
    await route.getByRole('button', { name: 'Execute' }).click();
    return route.locator('.live-responses-table .response').first();
  }

  it(
    'tries a route out',
    async () => {
      const answer = await tryOut('/health/live');
      expect(await answer.locator('.response-col_status').innerText()).toMatch(/^200/);
      const { body } = await t.get('/health/live', { token: null });
      expect(JSON.parse(await answer.locator('code').first().innerText())).toEqual(JSON.parse(body));
      expect(requests.at(-1)?.url()).toBe(`${url}/health/live`);
    },
    2 * PATIENCE_MS,
  );

  it(
    'takes a token, and asks with it',
    async () => {
      await page.getByRole('button', { name: 'Authorize' }).click();
      const dialog = page.locator('.dialog-ux');
      await dialog.getByRole('textbox').fill(await t.token('acme', ['analytics:read']));
      await dialog.getByRole('button', { name: 'Apply credentials' }).click();
      await dialog.getByRole('button', { name: 'Close' }).click();
      const answer = await tryOut('/api/v1/analytics/catalog');
      expect(await answer.locator('.response-col_status').innerText()).toMatch(/^200/);
      expect(await answer.locator('code').first().innerText()).toContain('api_error_rate');
    },
    2 * PATIENCE_MS,
  );

  it('sends nothing to another host, and gives the console nothing to complain about', () => {
    const hosts = new Set(
      requests
        .map((request) => new URL(request.url()))
        .filter(({ protocol }) => protocol !== 'data:')
        .map(({ origin }) => origin),
    );
    expect([...hosts]).toEqual([url]);
    expect(complaints).toEqual([]);
  });
  it(
    'opens over plain HTTP from elsewhere too',
    async () => {
      const elsewhere = await browser.newPage();
      elsewhere.setDefaultTimeout(PATIENCE_MS);
      await elsewhere.goto(`${url.replace('127.0.0.1', OTHER_NAME)}/docs`);
      await elsewhere.locator('.opblock-tag-section').first().waitFor();
      await elsewhere.close();
    },
    2 * PATIENCE_MS,
  );
});
