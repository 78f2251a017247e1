/** Building queries in the query editor. */
import { metricLabels, selectors } from './support/labels.js';
import { QueryEditor } from './support/editor.js';
import { AGENT, DATASOURCE, expect, sentQueries, test } from './support/test.js';

const labels = { ...selectors.QueryEditor, ...metricLabels };

test('a table is built from metric, grouping, filter and format', async ({ panelEditPage, page }) => {
  const sent = sentQueries(page);
  await panelEditPage.datasource.set(DATASOURCE.name);
  await panelEditPage.timeRange.set({ from: 'now-30d', to: 'now' });
  await panelEditPage.setVisualization('Table');
  const editor = new QueryEditor(page, panelEditPage.getQueryEditorRow('A'));
  await editor.choose(labels.metric.label, 'API errors');
  await editor.add(labels.groupBy.label, 'Endpoint');
  await editor.choose(labels.format.label, 'Table');
  await editor.choose(labels.interval.label, labels.interval.none);
  await editor.filter('Agent', AGENT.name);
  await expect
    .poll(() => sent.at(-1))
    .toMatchObject({
      metric: 'api_errors',
      groupBy: ['endpoint'],
      filters: [{ dimension: 'agent', operator: 'in', values: [AGENT.id] }],
      interval: 'none',
    });
  const { panel } = panelEditPage;
  await expect(panel.fieldNames).toContainText(['endpoint', 'API errors']);
  await expect(panel.data.first()).toContainText(/^GET \/v1\//);
  await expect(panel.getErrorIcon()).toHaveCount(0);
});

test('changing the metric keeps compatible options and drops the others', async ({ panelEditPage, page }) => {
  const sent = sentQueries(page);
  await panelEditPage.datasource.set(DATASOURCE.name);
  const editor = new QueryEditor(page, panelEditPage.getQueryEditorRow('A'));
  await editor.choose(labels.metric.label, 'API calls');
  await editor.add(labels.groupBy.label, 'Endpoint');
  await editor.add(labels.groupBy.label, 'Agent');
  await editor.choose(labels.interval.label, '1 hour');
  await editor.choose(labels.metric.label, 'Token issuances');
  await expect
    .poll(() => sent.at(-1))
    .toMatchObject({ metric: 'token_issuances', groupBy: ['agent'], interval: 'hour' });
  await expect(panelEditPage.panel.getErrorIcon()).toHaveCount(0);
});

test('an invalid query shows the reason', async ({ panelEditPage, page }) => {
  await panelEditPage.datasource.set(DATASOURCE.name);
  await panelEditPage.timeRange.set({ from: 'now-30d', to: 'now' });
  const editor = new QueryEditor(page, panelEditPage.getQueryEditorRow('A'));
  // Minutes are kept for two days only.
  await editor.choose(labels.interval.label, '1 minute');
  const error = panelEditPage.panel.getErrorIcon();
  await expect(error).toBeVisible();
  await error.hover();
  await expect(page.getByRole('tooltip')).toContainText(/Minutes are kept since/);
});

test('Explore shows the editor and its examples, and draws their results', async ({ explorePage, page }) => {
  const sent = sentQueries(page);
  await explorePage.datasource.set(DATASOURCE.name);
  await page.getByRole('button', { name: 'Show data source help' }).click();
  await page.getByText('API calls of the ten busiest agents').click();
  await page.getByTestId('data-testid RefreshPicker run button').click();
  await expect(explorePage.timeSeriesPanel.locator.locator('canvas').first()).toBeVisible();
  await expect(page.getByTestId(`data-testid VizLegend series ${AGENT.name}`)).toBeVisible();
  expect(sent.at(-1)).toMatchObject({ metric: 'api_calls', groupBy: ['agent'], limit: 10 });
});
