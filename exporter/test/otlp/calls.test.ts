/** Model calls that several spans report are counted once, and different calls are not taken for one. */
import type { Fields } from '../../src/ingest/otlp/mapping.js';
import {
  agent,
  chain,
  failing,
  model,
  other,
  runsOf,
  silent,
  tool,
  type Tree,
  unnamed,
} from '../support/spans.js';

/** Span and input of each call. */
const callsOf = (...trees: Tree[]): unknown[] =>
  runsOf(...trees).flatMap(({ usages }) =>
    usages!.map(({ usage_id, input_tokens }) => [usage_id, input_tokens]),
  );
const usageOf = (...trees: Tree[]) => runsOf(...trees).flatMap(({ usages }) => usages!)[0];
const with10 = (more: Fields): Fields => ({ inputTokens: 10, outputTokens: 1, ...more });

it.each<[string, Tree[], unknown[]]>([
  ['of two instrumentations', [model('o', null, [other('http', null, [model('i')])])], [['i', 10]]],
  [
    'whose outer span has the sum',
    [model('o', { inputTokens: 20, outputTokens: 2 }, [model('i'), model('j')])],
    [
      ['i', 10],
      ['j', 10],
    ],
  ],
  [
    'of one response beside each other',
    [agent('a', null, [model('i', { responseId: 'r' }), model('j', { responseId: 'r' })])],
    [['i', 10]],
  ],
  [
    'of one response, of which one report has no tokens',
    [agent('a', null, [silent('i', { responseId: 'r' }), model('j', { responseId: 'r' })])],
    [['i', 10]],
  ],
  ['whose inner span has no tokens', [model('o', null, [silent('i')])], [['i', 10]]],
  ['whose outer span has no tokens', [silent('o', null, [model('i')])], [['i', 10]]],
  ['that failed', [failing(silent('o', null, [failing(silent('i'))]))], [['i', 0]]],
  [
    'of an agent that counts them too',
    [agent('a', { inputTokens: 900 }, [model('i'), model('j')])],
    [
      ['i', 10],
      ['j', 10],
    ],
  ],
  [
    'of an agent that is the only one to count',
    [agent('a', with10({}), [silent('i'), silent('j')])],
    [['a', 10]],
  ],
  ['of an agent whose calls are not sent', [agent('a', with10({}), [tool('t')])], [['a', 10]]],
  ['of a chain with its sum', [chain('c', with10({}), [model('i')])], [['i', 10]]],
])('are one: calls %s', (_what, trees, wanted) => {
  expect(callsOf(...trees)).toEqual(wanted);
});

it.each<[string, Tree[], string | null]>([
  ['the model of the calls', [silent('i', { model: 'm' }), silent('j', { model: 'm' })], 'm'],
  ['no model where those differ', [silent('i', { model: 'm' }), silent('j', { model: 'n' })], null],
])('a sum without a model has %s', (_what, below, wanted) => {
  expect(usageOf(agent('a', with10({}), below))).toMatchObject({ input_tokens: 10, model_name: wanted });
});

it.each<[string, Tree[], unknown[]]>([
  [
    'with other tokens',
    [model('o', { inputTokens: 30 }, [model('i')])],
    [
      ['o', 30],
      ['i', 10],
    ],
  ],
  [
    'with other responses',
    [model('o', { responseId: 'r' }, [model('i', { responseId: 's' })])],
    [
      ['o', 10],
      ['i', 10],
    ],
  ],
  [
    'beside each other',
    [agent('a', null, [model('i'), model('j')])],
    [
      ['i', 10],
      ['j', 10],
    ],
  ],
  [
    'of one response with other tokens',
    [agent('a', null, [model('i', { responseId: 'r' }), model('j', { responseId: 'r', inputTokens: 11 })])],
    [
      ['i', 10],
      ['j', 11],
    ],
  ],
  [
    'that a tool of the outer one makes',
    [model('o', null, [tool('t', null, [model('i')])])],
    [
      ['o', 10],
      ['i', 10],
    ],
  ],
  [
    'after one that failed',
    [model('o', null, [failing(silent('i'))])],
    [
      ['o', 10],
      ['i', 0],
    ],
  ],
])('are several: calls %s', (_what, trees, wanted) => {
  expect(callsOf(...trees)).toEqual(wanted);
});

describe('the figures of a run', () => {
  const boss = with10({ inputTokens: 1000, costUsd: 0.5, model: 'm' });
  const helper = agent('helper', null, [model('i')]);
  const costsOf = (...trees: Tree[]): unknown[] =>
    runsOf(...trees).map(({ header, usages }) => [
      header.agent_id,
      ...usages!.map(({ input_tokens, reported_cost_usd }) => [input_tokens, reported_cost_usd]),
    ]);

  it.each<[string, Tree[]]>([
    ['directly', [helper]],
    ['through a tool', [tool('ask', null, [helper])]],
    ['inside a chain', [chain('c', null, [helper])]],
  ])('are kept beside those of a run that it has called %s', (_how, below) => {
    expect(costsOf(agent('boss', boss, below))).toEqual([
      ['boss', [1000, '0.5']],
      ['helper', [10, null]],
    ]);
  });

  it('are kept beside those of several runs that it has called, and of runs that these have called', () => {
    const third = agent('third', null, [model('k')]);
    expect(
      costsOf(agent('boss', boss, [helper, agent('second', { inputTokens: 30, outputTokens: 3 }, [third])])),
    ).toEqual([
      ['boss', [1000, '0.5']],
      ['helper', [10, null]],
      ['second', [30, null]],
      ['third', [10, null]],
    ]);
  });

  it('are kept if they are a cost alone', () => {
    expect(costsOf(agent('boss', { costUsd: 0.5 }, [helper]))).toEqual([
      ['boss', [0, '0.5']],
      ['helper', [10, null]],
    ]);
  });

  it('give way to the calls of the run itself, and to those below that they are the sum of', () => {
    expect(costsOf(agent('boss', boss, [helper, model('own')]))).toEqual([
      ['boss', [10, null]],
      ['helper', [10, null]],
    ]);
    expect(costsOf(agent('boss', with10({}), [helper]))).toEqual([['boss'], ['helper', [10, null]]]);
  });

  it('give way to the calls of the run that a wrapper holds', () => {
    expect(costsOf(unnamed('workflow', boss, [helper]))).toEqual([['helper', [10, null]]]);
    expect(
      costsOf(unnamed('workflow', boss, [helper, agent('second', null, [model('j')])])).map(String),
    ).toEqual(['helper,10,', 'second,10,']);
  });

  it('stand for the calls without tokens of the same run only', () => {
    const mute = agent('mute', null, [silent('n')]);
    const [run, called] = runsOf(agent('boss', boss, [silent('a'), silent('b'), mute]));
    expect(run!.usages).toMatchObject([{ usage_id: 'boss', input_tokens: 1000, has_tokens: true }]);
    expect(called!.usages).toMatchObject([{ usage_id: 'n', has_tokens: false }]);
  });

  it('lend their model to calls of the same run only', () => {
    const nameless = (name: string): Tree => model(name, { model: undefined });
    const [run, called] = runsOf(
      agent('boss', boss, [nameless('a'), agent('helper', null, [nameless('i')])]),
    );
    expect([run, called].map((each) => each!.usages![0]!.model_name)).toEqual(['m', null]);
  });
});

it('take from an outer span what the inner one lacks, and nothing else', () => {
  const outer = with10({ cachedInputTokens: 4, costUsd: 0.5, model: 'outer', provider: 'openai' });
  expect(usageOf(model('o', outer, [model('i', { model: 'inner' })]))).toMatchObject({
    usage_id: 'i',
    model_name: 'inner',
    provider: 'openai',
    input_tokens: 10,
    cached_input_tokens: 4,
    reported_cost_usd: '0.5',
  });
  expect(usageOf(model('o', outer, [model('i', { cachedInputTokens: 2, costUsd: 0.25 })]))).toMatchObject({
    cached_input_tokens: 2,
    reported_cost_usd: '0.25',
  });
});

it('have the model of the span that repeats them, if they name none', () => {
  const nameless = (name: string): Tree => model(name, { model: undefined });
  const usages = runsOf(
    agent('a', { inputTokens: 20, model: 'm', provider: 'p' }, [nameless('i'), nameless('j')]),
  ).flatMap((run) => run.usages!);
  expect(usages.map(({ model_name, provider }) => [model_name, provider])).toEqual([
    ['m', 'p'],
    ['m', 'p'],
  ]);
});
