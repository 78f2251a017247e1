/** The outcome of a run, from what has happened to it. */
import {
  agent,
  chain,
  failing,
  fine,
  model,
  runsOf,
  tool,
  type Tree,
  unnamed,
  workflow,
} from '../support/spans.js';

const outcomesOf = (...trees: Tree[]): unknown[] =>
  runsOf(...trees).map(({ header }) => [header.status, header.error_message]);

it.each<[string, Tree]>([
  ['its own span failed', failing(agent('a', null, [model('m')]), 'broke')],
  ['its last call failed', agent('a', null, [model('m'), failing(model('n'), 'broke')])],
  [
    'its last tool failed, and its span is fine',
    fine(agent('a', null, [model('m'), failing(tool('t'), 'broke')])),
  ],
  ['a step failed after its calls', agent('a', null, [model('m'), failing(chain('parser'), 'broke')])],
  [
    'an unnamed agent around it failed',
    failing(unnamed('u', null, [agent('a', null, [model('m')])]), 'broke'),
  ],
  [
    'a workflow around it alone failed',
    failing(workflow('w', null, [agent('a', null, [model('m')])]), 'broke'),
  ],
  ['an inner span of it failed', agent('a', null, [failing(agent('a1', { agentName: 'a' }), 'broke')])],
  [
    'its call failed in a chain',
    agent('a', null, [failing(chain('c', null, [failing(model('m'), 'broke')]))]),
  ],
])('is a failure if %s', (_what, root) => {
  expect(outcomesOf(root)).toEqual([['failure', 'broke']]);
});

it.each<[string, Tree]>([
  ['a call that was repeated', agent('a', null, [failing(model('m'), 'broke'), model('n')])],
  ['a tool that was followed by a call', agent('a', null, [failing(tool('t'), 'broke'), model('m')])],
  [
    'a call inside a tool that went well',
    agent('a', null, [tool('t', null, [failing(model('m'), 'broke')])]),
  ],
  [
    'a repeated attempt',
    agent('a', null, [
      failing(agent('a1', { agentName: 'a' })),
      agent('a2', { agentName: 'a' }, [model('m')]),
    ]),
  ],
])('is a success in spite of %s', (_what, root) => {
  expect(outcomesOf(root)).toEqual([['success', null]]);
});

it('is not that of a run below, if that was survived', () => {
  const helper = (): Tree => failing(agent('helper', null, [failing(model('m'), 'broke')]));
  expect(outcomesOf(agent('a', null, [tool('ask', null, [helper()]), model('n')]))).toEqual([
    ['success', null],
    ['failure', 'broke'],
  ]);
  expect(outcomesOf(agent('a', null, [model('n'), helper()]))).toEqual([
    ['failure', 'broke'],
    ['failure', 'broke'],
  ]);
});

it('has the cause of the last failure', () => {
  const root = agent('a', null, [
    failing(model('m', { errorType: 'RateLimit' }), 'too many'),
    failing(tool('t', { errorType: 'Broken' }), 'tool broke'),
  ]);
  expect(runsOf(failing(root))[0]!.header).toMatchObject({
    error_type: 'Broken',
    error_message: 'tool broke',
  });
});

it('is a timeout if the cause says so', () => {
  expect(outcomesOf(agent('a', null, [failing(model('m'), 'request timed out')]))).toEqual([
    ['timeout', 'request timed out'],
  ]);
});
