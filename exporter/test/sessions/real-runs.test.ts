/** Sessions of real runs of an agent, the trials of each task in one, held against a recount. */
import { testApp, type TestApp } from '../support/app.js';
import { describeReal, realRuns, sendRealRuns } from '../support/real-runs.js';
import { expectAnswers } from './compare.js';
import type { SentRun } from './recount.js';

const TENANT = 'tau';
const TASKS = 50;
const FUNNELS = [
  ['get_user_details', 'cancel_reservation'],
  ['get_user_details', 'search_direct_flight', 'book_reservation'],
];

describeReal('sessions of real runs', () => {
  let t: TestApp;
  let runs: SentRun[];
  beforeAll(async () => {
    t = await testApp();
    runs = realRuns().map((run, i): SentRun => ({
      ...(run as SentRun),
      session_id: `task-${i % TASKS}`,
      user_id: null,
      environment: null,
      parent_execution_id: null,
      completed_at: null,
      execution_time_ms: 60_000,
      cost_usd: null,
    }));
    await sendRealRuns(t, TENANT, runs);
  }, 600_000);
  afterAll(() => t.close());

  it('answer as a recount does', async () => {
    expect(await t.read('sessions/metrics?period=30d', TENANT)).toMatchObject({
      total_sessions: TASKS,
      avg_executions: 4,
      avg_steps: 3_618 / TASKS,
    });
    await expectAnswers(t, TENANT, runs, FUNNELS);
  });
});
