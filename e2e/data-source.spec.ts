/** Data source settings: saving, testing, and error messages. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { selectors } from './support/labels.js';
import { expect, PLUGIN, setting, test } from './support/test.js';

const labels = selectors.ConfigEditor;
/** The health check uses the data proxy. */
const PROXY = '/api/datasources/proxy/uid/';

/** The accessible name of a field consists of its label and its description. */
const field = (page: Page, label: string) =>
  page.getByRole('textbox', { name: new RegExp(`^${label}( \\*)?( .*)?$`) });

test('saves a URL and a token, and passes the health check', async ({ createDataSourceConfigPage, page }) => {
  const config = await createDataSourceConfigPage({ type: PLUGIN });
  await field(page, labels.url.label).fill(setting('ANALYTICS_URL'));
  await field(page, labels.token.label).fill(setting('ANALYTICS_TOKEN'));
  await config.saveAndTest({ path: PROXY });
  await expect(config).toHaveAlert('success', { hasText: /Connected to AgentIdP Analytics: \d+ metrics/ });
  await page.reload();
  await expect(field(page, labels.url.label)).toHaveValue(setting('ANALYTICS_URL'));
  // The token is stored on the server and not returned.
  await expect(field(page, labels.token.label)).toBeDisabled();
  expect(await page.content()).not.toContain(setting('ANALYTICS_TOKEN'));
});

test('saves OAuth2 client credentials, and passes the health check', async ({
  createDataSourceConfigPage,
  page,
  baseURL,
}) => {
  test.skip(
    !/127\.0\.0\.1|localhost/.test(baseURL ?? ''),
    'Grafana runs elsewhere, and could not reach an identity provider here',
  );
  const asked: string[] = [];
  const provider = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      asked.push(body);
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ access_token: setting('ANALYTICS_TOKEN'), token_type: 'Bearer', expires_in: 600 }),
      );
    });
  });
  await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
  const config = await createDataSourceConfigPage({ type: PLUGIN });
  await field(page, labels.url.label).fill(setting('ANALYTICS_URL'));
  await page.getByLabel(labels.authMethod.oauth2).check({ force: true });
  await field(page, labels.tokenUrl.label).fill(
    `http://127.0.0.1:${(provider.address() as AddressInfo).port}/token`,
  );
  await field(page, labels.clientId.label).fill('grafana');
  await field(page, labels.clientSecret.label).fill('hush & "quiet"');
  await field(page, labels.scope.label).fill('analytics:read');
  await config.saveAndTest({ path: PROXY });
  await expect(config).toHaveAlert('success', { hasText: 'Connected to AgentIdP Analytics' });
  expect(Object.fromEntries(new URLSearchParams(asked[0]))).toMatchObject({
    grant_type: 'client_credentials',
    client_id: 'grafana',
    client_secret: 'hush & "quiet"',
    scope: 'analytics:read',
  });
  provider.closeAllConnections();
  provider.close();
});

/** Invalid settings, with the expected message. */
const MISTAKES: Array<{
  title: string;
  url?: () => string;
  token?: () => string;
  says: RegExp;
}> = [
  { title: 'no URL', url: () => '', says: /The URL is missing\./ },
  {
    title: 'a URL at which nothing answers',
    url: () => 'http://127.0.0.1:1',
    says: /Could not connect to http:\/\/127\.0\.0\.1:1\./,
  },
  {
    title: 'the URL of something else',
    url: () => `${setting('ANALYTICS_URL')}/docs`,
    says: /is not AgentIdP Analytics/,
  },
  { title: 'a wrong token', token: () => 'eyJ.wrong.token', says: /did not accept the token/ },
  {
    title: 'a token that may not read',
    token: () => setting('ANALYTICS_WRITE_TOKEN'),
    says: /The token may not read analytics\..*analytics:read/,
  },
];

for (const { title, url, token, says } of MISTAKES) {
  test(`explains how to fix ${title}`, async ({ createDataSourceConfigPage, page }) => {
    const config = await createDataSourceConfigPage({ type: PLUGIN });
    await field(page, labels.url.label).fill((url ?? (() => setting('ANALYTICS_URL')))());
    await field(page, labels.token.label).fill((token ?? (() => setting('ANALYTICS_TOKEN')))());
    await page.getByRole('button', { name: 'Save & test' }).click();
    await expect(config).toHaveAlert('error', { hasText: says });
  });
}
