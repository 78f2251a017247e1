/** Alerts, reports, dashboards and the figures of one period, with the real service. */
import { eventually } from './support/client.js';
import { withRealService } from './support/real-clients.js';

const { open } = withRealService();

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

it('read the figures of a period', async () => {
  const client = open('figures');
  for (const agent_id of ['writer', 'reader']) {
    await client.run({ agent_id, user_id: 'u-1' }, (execution) => {
      execution.step({ step_type: 'tool_call', tool_name: 'search', status: 'success' });
      execution.usage({
        ...{ provider: 'openai', model: 'gpt-4o', input_tokens: 1_000, output_tokens: 100 },
        cost_usd: 0.25,
      });
    });
  }
  client.recordEvent({ metricType: 'api_calls', agentId: 'reader', status: 429 });
  await client.flush();
  const { analytics } = client;
  await eventually('rolled up', async () => {
    const { total_executions } = await analytics.getSummary();
    return total_executions === 2 && (await analytics.getApiUsage()).total_calls === 1;
  });
  expect(await analytics.getAgentMetrics('writer')).toMatchObject({ execution_count: 1 });
  expect(await analytics.getAgentErrors('writer')).toMatchObject({ total: 0 });
  const { agents } = await analytics.compareAgents({
    agent_ids: ['writer', 'reader'],
    metrics: ['executions', 'cost_usd'],
  });
  expect(agents).toHaveLength(2);
  expect(await analytics.getTokenUsage({ period: '7d' })).toMatchObject({ total_tokens: 2_200 });
  expect(await analytics.getToolUsage()).toMatchObject({ tools: [{ name: 'search' }] });
  expect(await analytics.getCostBreakdown()).toMatchObject({ total: 0.5 });
  expect((await analytics.getCostTrends({ period: '7d' })).data.length).toBeGreaterThan(0);
});

it('create an alert, try it, list it with its changes, and delete it', async () => {
  const { analytics } = open('alerting');
  const names = ['Failing', 'Silent', 'Expensive'];
  const made = [];
  for (const name of names) {
    const condition = { metric: 'executions', operator: 'less_than', threshold: 1, window: '15m' } as const;
    made.push(await analytics.createAlert({ name, condition }));
  }
  const [{ id }] = made as [(typeof made)[number]];
  expect(await analytics.getAlert(id)).toMatchObject({ id, name: 'Failing' });
  expect(await analytics.testAlert(id)).toMatchObject({ value: 0 });
  expect((await all(analytics.alerts({ limit: 2 }))).map(({ name }) => name)).toEqual(names);
  await eventually('evaluated', async () => (await all(analytics.alertEvents(id, { limit: 1 }))).length > 0);
  expect((await all(analytics.alertEvents(id))).at(-1)).toMatchObject({ from: 'ok' });
  expect((await analytics.getAlertTemplates()).map(({ name }) => name)).toContain('error_rate');
  await analytics.deleteAlert(id);
  await expect(analytics.getAlert(id)).rejects.toMatchObject({ status: 404 });
  expect(await all(analytics.alerts())).toHaveLength(2);
});

it('create a report, run it, and read its runs', async () => {
  const { analytics } = open('reporting');
  const report = await analytics.createReport({ name: 'Monday', template: 'executive_summary' });
  expect(await analytics.getReport(report.id)).toMatchObject({ id: report.id, name: 'Monday' });
  const run = await analytics.runReport(report.id);
  await eventually('done', async () => {
    const { status } = await analytics.getReportRun(report.id, run.id);
    return status === 'done';
  });
  expect((await all(analytics.reportRuns(report.id))).map(({ id }) => id)).toEqual([run.id]);
  expect((await all(analytics.reports())).map(({ name }) => name)).toEqual(['Monday']);
  expect((await analytics.getReportTemplates()).map(({ name }) => name)).toContain('executive_summary');
});

it('create a dashboard, and read its data', async () => {
  const { analytics } = open('walls');
  const { id } = await analytics.createDashboard({
    name: 'Wall',
    widgets: [{ type: 'metric', title: 'Executions', metric: 'executions', period: '24h' }],
  });
  expect((await analytics.getDashboards()).map(({ name }) => name)).toEqual(['Wall']);
  expect(await analytics.getDashboard(id)).toMatchObject({ id, widgets: [{ title: 'Executions' }] });
  const { widgets } = await analytics.getDashboardData(id, { period: '7d' });
  expect(widgets).toHaveLength(1);
  // This service has no Grafana.
  await expect(analytics.publishDashboard(id)).rejects.toMatchObject({ status: 409 });
});
