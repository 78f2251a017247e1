/** Navigation from the list of executions to a trace and to the agent. */
import type { Locator, Page } from '@playwright/test';
import { executionLabels, selectors } from './support/labels.js';
import { QueryEditor } from './support/editor.js';
import { DATASOURCE, expect, latestExecution, test } from './support/test.js';

const RANGE = { from: 'now-7d', to: 'now' };

test.use({ viewport: { width: 1600, height: 2600 } });

const panel = (page: Page, title: string): Locator => page.getByTestId(`data-testid Panel header ${title}`);

test('a click on an execution opens its trace and keeps the time range', async ({
  page,
  gotoDashboardPage,
}) => {
  await gotoDashboardPage({ uid: 'agentidp-executions', queryParams: new URLSearchParams(RANGE) });
  const link = panel(page, 'Recent executions').locator('a[href*="/d/agentidp-execution?"]').first();
  const id = /var-execution=([^&]+)/.exec((await link.getAttribute('href')) ?? '')?.[1] ?? '';
  await link.click();
  await expect(page).toHaveURL(new RegExp(`/d/agentidp-execution/.*var-execution=${id}`));
  await expect(page).toHaveURL(/[?&]from=now-7d&to=now/);
  const trace = panel(page, 'Trace');
  await expect(trace).toContainText(id);
  await expect(trace).toContainText(/execution \(/);
  await expect(panel(page, 'Status')).toContainText(/success|failure|timeout|blocked|running/);
  await page.getByRole('link', { name: 'Executions' }).last().click();
  await expect(page).toHaveURL(/\/d\/agentidp-executions/);
});

test('an execution shows its steps and their content', async ({ page, gotoDashboardPage, request }) => {
  const id = await latestExecution(request);
  await gotoDashboardPage({
    uid: 'agentidp-execution',
    queryParams: new URLSearchParams({ ...RANGE, 'var-execution': id }),
  });
  const trace = panel(page, 'Trace');
  await expect(trace).toContainText('final_answer');
  await expect(trace).toContainText('main_agent');
  // Collapsing the root also hides all of its steps.
  await trace.getByRole('button', { name: 'Collapse all' }).click();
  await expect(trace).not.toContainText('final_answer');
  const steps = panel(page, 'Steps').last();
  await expect(steps).toContainText('To be done:');
  await expect(steps).toContainText('Done; the details are in the record.');
});

test('an unknown execution is an error with a message', async ({ page, gotoDashboardPage }) => {
  const id = '00000000-0000-4000-8000-000000000000';
  await gotoDashboardPage({
    uid: 'agentidp-execution',
    queryParams: new URLSearchParams({ ...RANGE, 'var-execution': id }),
  });
  const error = panel(page, 'Trace').getByTestId('data-testid Panel status error');
  await expect(error).toBeVisible();
  await error.hover();
  await expect(page.getByRole('tooltip')).toContainText(`There is no execution “${id}”.`);
});

test('Explore shows the trace of an execution id', async ({ explorePage, page, request }) => {
  const { queryType } = selectors.QueryEditor;
  const id = await latestExecution(request);
  await explorePage.datasource.set(DATASOURCE.name);
  const editor = new QueryEditor(page, explorePage.getQueryEditorRow('A'));
  await editor.choose(queryType.label, executionLabels.label);
  const { executionId } = executionLabels;
  const field = editor.row.getByRole('textbox', { name: executionId.label });
  await field.fill(id);
  await field.press('Enter');
  await expect(page.getByText('Service & Operation')).toBeVisible();
  await expect(page.getByText('final_answer').first()).toBeVisible();
});

test('stats show the change from the previous period', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ uid: 'agentidp-executions', queryParams: new URLSearchParams(RANGE) });
  for (const title of ['Executions', 'Cost', 'Tokens in']) {
    await expect(panel(page, title).first()).toContainText(/\d%/);
  }
});

test('the cost dashboard shows budgets and the forecast', async ({ page, gotoDashboardPage }) => {
  await gotoDashboardPage({ uid: 'agentidp-cost' });
  const budgets = panel(page, 'Budgets').last();
  for (const text of ['All agents', 'exceeded', 'hard stop']) await expect(budgets).toContainText(text);
  await expect(panel(page, 'Forecast of this month')).toContainText('Projected');
  await expect(panel(page, 'Projected this month')).toContainText('$');
});
