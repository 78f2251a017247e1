import { testApp, type TestApp } from '../../support/app.js';
import { ofKind, runs, send } from './support.js';

const MINUTE = 60_000;
const FROM = Date.parse('2026-03-10T08:00:00Z');
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

/** One run a letter: `F` fails, `S` succeeds. */
const loop = (letters: string, fields: object = {}, from = FROM, everyMs = MINUTE) =>
  runs(
    letters.length,
    new Date(from).toISOString(),
    (i) => ({
      ...{
        agent_id: 'bot',
        agent_name: 'Billing bot',
        provider: 'openai',
        model_name: 'gpt-4o',
        cost_usd: 0.25,
      },
      ...{ status: letters[i] === 'F' ? 'failure' : 'success', query_preview: 'refund order 7', ...fields },
    }),
    everyMs,
  );

it('is the cost of the repeats after failures', async () => {
  const tenant = t.tenant();
  await send(t, tenant, [
    // 8 repeats, the last of which succeeds; a run after a success is no repeat.
    ...loop('FFFFFFFFSS'),
    // 4 repeats.
    ...loop('FFFFF', { query_preview: 'refund order 8' }),
    // Too short for a loop.
    ...loop('FFF', { query_preview: 'refund order 9' }),
  ]);
  const [found, ...others] = await ofKind(t, tenant, 'retry_loop');
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    ...{ savings: 3, agent_id: 'bot', model: 'gpt-4o' },
    title:
      'Billing bot runs the same request again and again after it has failed: 12 repeats in 2 loops, which cost $3.00 a month.',
    evidence: { repeats: 12, loops: 2, longest_loop: 8, preview: 'refund order 7', succeeded_in_the_end: 1 },
  });
  expect(found!.evidence.arithmetic).toBe('12 repeats cost $3.00 in 30 days; × 30 ÷ 30 = $3.00 in 30 days.');
  expect(found!.caveat).toContain('1 of the repeats succeeded in the end');
  expect(found!.evidence.executions).toHaveLength(5);
});

it.each<[string, () => object[]]>([
  ['runs that succeed', () => loop('S'.repeat(40))],
  ['a few retries', () => [...loop('FFFS'), ...loop('FFFS', { query_preview: 'another' })]],
  ['one loop that is short', () => loop('FFFFFFFFFF')],
  [
    'different requests that fail',
    () => Array.from({ length: 40 }, (_, i) => loop('F', { query_preview: `order ${i}` })[0]!),
  ],
  ['different users', () => Array.from({ length: 40 }, (_, i) => loop('F', { user_id: `u-${i}` })[0]!)],
  ['attempts hours apart', () => loop('F'.repeat(40), {}, FROM, 61 * MINUTE)],
  ['runs without a preview', () => loop('F'.repeat(40), { query_preview: null })],
])('is not recommended for %s', async (_, made) => {
  const tenant = t.tenant();
  await send(t, tenant, made());
  expect(await ofKind(t, tenant, 'retry_loop')).toEqual([]);
});

it('has no savings where no repeat has a known cost', async () => {
  const tenant = t.tenant();
  await send(t, tenant, loop('F'.repeat(20), { cost_usd: null, model_name: 'unheard-of', input_tokens: 5 }));
  expect(await ofKind(t, tenant, 'retry_loop')).toMatchObject([
    { savings: null, evidence: { unpriced: 19 } },
  ]);
});
