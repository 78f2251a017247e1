/** 200 real runs of an agent. They have no tokens: those that are given to them are estimated from their texts. */
import { testApp, type TestApp } from '../../support/app.js';
import { usage, type TestExecution } from '../../support/executions.js';
import { describeReal, realRuns, sendRealRuns } from '../../support/real-runs.js';
import { recommendations } from './support.js';

const CHARACTERS_A_TOKEN = 4;
/** Instructions and tools. */
const PROMPT = 1_500;
/** Of the result of a step. */
const RESULT = 150;

interface Step {
  step_number: number;
  step_type: string;
  content: string | null;
}

/** Every turn sends all that was said before. */
function withTokens(run: TestExecution): TestExecution & { token_usages: object[]; spent: number } {
  let input = PROMPT;
  let spent = 0;
  const token_usages: object[] = [];
  for (const { step_number, step_type, content } of run.steps as Step[]) {
    const output = Math.ceil((content ?? '').length / CHARACTERS_A_TOKEN) + 1;
    if (step_type === 'thought') {
      token_usages.push(usage('gpt-4o', input, output, { step_number }));
      spent += input * 2.5e-6 + output * 10e-6;
    }
    input += output + RESULT;
  }
  return { ...run, token_usages, spent };
}

describeReal('real runs of an agent', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp();
  });
  afterAll(() => t.close());

  it('give no reason for a recommendation where they have no tokens', async () => {
    await sendRealRuns(t, 'as-they-are', realRuns());
    expect(await recommendations(t, 'as-they-are')).toMatchObject({ total_savings: 0, recommendations: [] });
  });

  it('with tokens show what failed, what is sent again, and what could be cached', async () => {
    const runs = realRuns().map(withTokens);
    const tenant = 'with-tokens';
    await sendRealRuns(
      t,
      tenant,
      runs.map(({ spent: _, ...run }) => run),
    );
    const { recommendations: found } = await recommendations(t, tenant);
    expect(found.map(({ kind, agent_id, model }) => [kind, agent_id, model])).toEqual([
      ['failed_spend', 'airline', 'gpt-4o'],
      ['oversized_context', 'airline', 'gpt-4o'],
      ['prompt_caching', 'airline', 'gpt-4o'],
    ]);
    const failed = runs.filter(({ status }) => status === 'failure');
    expect(found[0]!.savings).toBeCloseTo(
      failed.reduce((sum, { spent }) => sum + spent, 0),
      5,
    );
    expect(found[0]!.evidence).toMatchObject({ failed: failed.length, finished: runs.length });
    // Every turn but the first of a run could have read the instructions from the cache, at half of 2.50 per million.
    const turns = runs.reduce((sum, { token_usages }) => sum + token_usages.length - 1, 0);
    expect(found[2]!.savings).toBeCloseTo(turns * PROMPT * 1.25e-6, 6);
  });
});
