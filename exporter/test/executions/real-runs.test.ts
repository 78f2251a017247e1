/** 200 real runs of a tool-calling agent: their sums come back through the API. */
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import { describeReal, realRuns, sendRealRuns } from '../support/real-runs.js';

const TENANT = 'tau';

describeReal('real runs of an agent', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp();
    await sendRealRuns(t, TENANT, realRuns());
  }, 600_000);
  afterAll(() => t.close());

  it('are 200 executions with 2,454 turns and 1,164 tool calls, of which 84 succeeded', async () => {
    expect(await t.read('overview?period=30d', TENANT)).toMatchObject({
      total_executions: 200,
      successful_executions: 84,
      failed_executions: 116,
      success_rate: 42,
    });
    const range = { from: '2026-03-01T00:00:00Z', to: '2026-03-18T00:00:00Z' };
    const { steps, tools } = await t.query(TENANT, {
      range,
      queries: [
        { refId: 'steps', metric: 'steps' },
        { refId: 'tools', metric: 'tool_calls', groupBy: ['tool'] },
      ],
    });
    expect(rowsOf(steps!)).toEqual([{ value: 2_454 + 1_164 }]);
    const byTool = rowsOf(tools!);
    expect(byTool).toHaveLength(14);
    expect(byTool[0]).toEqual({ tool: 'get_reservation_details', value: 377 });
    expect(byTool.reduce((sum, { value }) => sum + Number(value), 0)).toBe(1_164);
  });

  it('come back step by step', async () => {
    const { items, total } = await t.read<{ items: { id: string; step_count: number }[]; total: number }>(
      'executions?page_size=200',
      TENANT,
    );
    expect([total, items.reduce((sum, { step_count }) => sum + step_count, 0)]).toEqual([200, 3_618]);
    const detail = await t.read<{ steps: Json[] }>(`executions/${items.at(-1)!.id}`, TENANT);
    expect(detail.steps[0]).toMatchObject({
      step_number: 1,
      step_type: 'thought',
      content: expect.stringContaining('user ID'),
    });
  });
});
