/** Variables, ad hoc filters, annotations and links of dashboards. */
import type { Locator, Page } from '@playwright/test';
import { AGENT, expect, isQuery, type SentQuery, test } from './support/test.js';

const RANGE = { from: 'now-7d', to: 'now' };
const open = { uid: 'agentidp-agent-activity', queryParams: new URLSearchParams(RANGE) };

test.use({ viewport: { width: 1600, height: 2600 } });

/** The dashboard control with this label. */
const control = (page: Page, label: string): Locator =>
  page
    .getByTestId('data-testid template variable')
    .filter({ has: page.getByTestId(`data-testid Dashboard template variables submenu Label ${label}`) });

/** Collects the queries of panels until `done` returns true. */
async function asked(
  page: Page,
  act: () => Promise<void>,
  done: (query: SentQuery) => boolean,
): Promise<SentQuery> {
  const request = page.waitForRequest(
    (candidate) =>
      isQuery(candidate) && (candidate.postDataJSON() as { queries: SentQuery[] }).queries.some(done),
  );
  await act();
  const { queries } = (await request).postDataJSON() as { queries: SentQuery[] };
  return queries.find(done)!;
}

const agentsIn = ({ filters }: SentQuery): string[] =>
  filters.filter(({ dimension }) => dimension === 'agent').flatMap(({ values }) => values);

test('a variable filters the queries of all panels', async ({ page, gotoDashboardPage }) => {
  const first = asked(
    page,
    async () => undefined,
    ({ metric }) => metric === 'api_calls',
  );
  await gotoDashboardPage(open);
  // All means no filter, not a list of all agents.
  expect(agentsIn(await first)).toEqual([]);
  const menu = control(page, 'Agent').getByRole('combobox');
  const query = await asked(
    page,
    async () => {
      await menu.click();
      await menu.fill(AGENT.name);
      await page.getByRole('option', { name: AGENT.name }).click();
      await page.keyboard.press('Escape');
    },
    (candidate) => candidate.metric === 'api_calls' && agentsIn(candidate).length > 0,
  );
  expect(agentsIn(query)).toEqual([AGENT.id]);
  await expect(page).toHaveURL(new RegExp(`var-agent=${AGENT.id}`));
  await expect(page.getByTestId(/Panel header Active agents/).getByText('1', { exact: true })).toBeVisible();
});

test('an ad hoc filter applies to metrics with its dimension, and other panels show a warning', async ({
  page,
  gotoDashboardPage,
}) => {
  await gotoDashboardPage(open);
  const box = control(page, 'Filters').getByRole('combobox');
  const query = await asked(
    page,
    async () => {
      for (const word of ['Status class', '=', '5xx']) {
        await box.click();
        await box.fill(word);
        await page.getByRole('option').filter({ hasText: word }).first().click();
      }
    },
    ({ metric, filters }) =>
      metric === 'api_calls' && filters.some(({ dimension }) => dimension === 'statusClass'),
  );
  expect(query.filters).toContainEqual({ dimension: 'statusClass', operator: 'in', values: ['5xx'] });
  const tokens = page.getByTestId(/Panel header Token issuances/);
  // The menu stays open and covers the panels.
  await page.keyboard.press('Escape');
  // The first icon is the description, the second the warning.
  await tokens.locator('span[tabindex="0"]').nth(1).hover();
  await expect(page.getByRole('tooltip')).toContainText(/Not filtered by Status class/);
});

test('links lead to the agent detail and back, and keep the time range', async ({
  page,
  gotoDashboardPage,
}) => {
  await gotoDashboardPage(open);
  await page
    .getByTestId(/Panel header Agents/)
    .getByRole('link', { name: AGENT.name })
    .click();
  await expect(page).toHaveURL(/\/d\/agentidp-agent-detail/);
  await expect(page).toHaveURL(new RegExp(`var-agent=${AGENT.id}`));
  await expectRange(page);
  await expect(page.getByTestId(/Panel header Last rotation/)).toContainText(/\d+\s+d/);
  await page.getByRole('link', { name: 'Agent activity' }).last().click();
  await expect(page).toHaveURL(/\/d\/agentidp-agent-activity/);
  await expectRange(page);
});

async function expectRange(page: Page): Promise<void> {
  await expect(page).toHaveURL(/[?&]from=now-7d&to=now/);
  await expect(page.getByTestId('data-testid TimePicker Open Button')).toContainText('Last 7 days');
}

test('annotations are shown when they are enabled', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ ...open, queryParams: new URLSearchParams({ from: 'now-30d', to: 'now' }) });
  const marks = page.getByTestId('data-testid annotation-marker');
  await expect(
    page.getByTestId(/Panel header API calls of the busiest agents/).locator('canvas'),
  ).toBeVisible();
  await expect(marks).toHaveCount(0);
  const query = await asked(
    page,
    () => page.getByRole('switch', { name: 'Credential rotations' }).click({ force: true }),
    ({ metric, groupBy }) => metric === 'credential_rotations' && groupBy.includes('agent'),
  );
  expect(query.interval).not.toBe('none');
  await expect(marks.first()).toBeVisible();
  await marks.first().hover();
  await expect(page.getByText(/credential rotation/i).last()).toBeVisible();
});
