/** Which spans of a trace are one run of an agent, and which runs have called which. */
import { uuidv5 } from '../../src/ids.js';
import { EXECUTION } from '../support/otlp.js';
import {
  agent,
  called,
  chain,
  failing,
  model,
  other,
  runsOf,
  tool,
  type Tree,
  unnamed,
  workflow,
} from '../support/spans.js';

/** Each run with its agent, flow, caller and calls. */
function shapeOf(...trees: Tree[]): unknown[] {
  const runs = runsOf(...trees);
  const names = new Map(runs.map(({ id, header }) => [id, header.agent_id]));
  return runs.map(({ header, usages, steps }) => ({
    agent: header.agent_id,
    ...(header.flow_id !== null && { flow: header.flow_id }),
    ...(header.parent_execution_id !== null && { calledBy: names.get(header.parent_execution_id) }),
    calls: usages?.map(({ usage_id }) => usage_id),
    ...(steps!.length > 0 && { tools: steps?.map(({ tool_name }) => tool_name) }),
  }));
}

describe('a run', () => {
  it('has only the calls of its own, and names the run that called it', () => {
    expect(
      shapeOf(
        agent('boss', null, [
          model('m1'),
          tool('ask', null, [agent('helper', null, [model('m2'), agent('third', null, [model('m3')])])]),
          model('m4'),
        ]),
      ),
    ).toEqual([
      { agent: 'boss', calls: ['m1', 'm4'], tools: ['ask'] },
      { agent: 'helper', calledBy: 'boss', calls: ['m2'] },
      { agent: 'third', calledBy: 'helper', calls: ['m3'] },
    ]);
  });

  it('begins with each outermost span', () => {
    expect(
      shapeOf(
        other('GET /', null, [
          agent('a', null, [model('m1')]),
          other('db'),
          agent('a2', null, [model('m2')]),
          model('m3'),
        ]),
      ),
    ).toEqual([
      { agent: 'a', calls: ['m1'] },
      { agent: 'a2', calls: ['m2'] },
      { agent: null, calls: ['m3'] },
    ]);
  });

  it('has the id of its trace if it is the first, and otherwise one made of the ids of trace and span', () => {
    const ids = runsOf(agent('a', null, [agent('b')]), agent('c')).map(({ id }) => id);
    expect(ids).toEqual([EXECUTION, uuidv5(EXECUTION, 'c'), uuidv5(EXECUTION, 'b')]);
    // As RFC 9562 has it, of the namespace of DNS.
    expect(uuidv5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });

  it('has session, user and service of its own spans, or of the run that called it, or of the trace', () => {
    const runs = runsOf(
      agent('a', { session: 's-a' }, [
        agent('b'),
        agent('c', { session: 's-c' }, [tool('t', { user: 'u-c' })]),
      ]),
      agent('d'),
    );
    expect(runs.map(({ header }) => [header.agent_id, header.session_id, header.user_id])).toEqual([
      ['a', 's-a', 'u-c'],
      ['d', 's-a', 'u-c'],
      ['b', 's-a', 'u-c'],
      ['c', 's-c', 'u-c'],
    ]);
  });
});

describe('one run', () => {
  it.each([
    ['an unnamed agent', unnamed('x', null, [agent('a', null, [model('m')])]), undefined],
    [
      'a workflow that is called as the agent',
      workflow('a', null, [agent('a1', { agentName: 'a' }, [model('m')])]),
      'a',
    ],
    [
      'a chain that is called as the agent',
      chain('a', null, [model('m'), agent('a1', { agentName: 'a' })]),
      undefined,
    ],
    [
      'a span around the agent that has another title',
      called('Support', null, [chain('c', null, [agent('a', null, [model('m')])])]),
      'Support',
    ],
    [
      'an inner span of the same agent',
      agent('a', null, [agent('a1', { agentName: 'a' }, [model('m')])]),
      undefined,
    ],
    ['an unnamed agent inside', agent('a', null, [unnamed('x', null, [model('m')])]), undefined],
    ['the node of a graph', agent('a', null, [called('agent', null, [model('m')])]), undefined],
    ['a workflow inside', agent('a', null, [workflow('w', null, [model('m')])]), 'w'],
  ])('has %s', (_what, root, flow) => {
    expect(shapeOf(root)).toEqual([{ agent: 'a', ...(flow !== undefined && { flow }), calls: ['m'] }]);
  });

  it('is not that of an agent whose tool has called it again', () => {
    expect(
      shapeOf(agent('a', null, [tool('again', null, [agent('a1', { agentName: 'a' }, [model('m')])])])),
    ).toEqual([
      { agent: 'a', calls: [], tools: ['again'] },
      { agent: 'a', calledBy: 'a', calls: ['m'] },
    ]);
  });

  it('is that of a chain on which a framework names the agent, and of the chains below it with the same name', () => {
    const named = (span: Tree, agentName: string): Tree => ({
      ...span,
      fields: { ...span.fields, agentName },
    });
    expect(
      shapeOf(
        named(
          chain('boss', null, [
            named(chain('node', null, [model('m1')]), 'boss'),
            tool('ask', null, [
              named(chain('lambda', null, [named(chain('helper', null, [model('m2')]), 'helper')]), 'boss'),
            ]),
          ]),
          'boss',
        ),
      ),
    ).toEqual([
      { agent: 'boss', calls: ['m1'], tools: ['ask'] },
      { agent: 'helper', calledBy: 'boss', calls: ['m2'] },
    ]);
  });
});

describe('a workflow', () => {
  const agents = (): Tree[] => [agent('a', null, [model('m1')]), agent('b', null, [model('m2')])];

  it('around agents is their flow', () => {
    const inFlow = [
      { agent: 'a', flow: 'w', calls: ['m1'] },
      { agent: 'b', flow: 'w', calls: ['m2'] },
    ];
    expect(shapeOf(workflow('w', null, agents()))).toEqual(inFlow);
    expect(shapeOf(chain('w', null, agents()))).toEqual(inFlow);
    expect(shapeOf(called('w', null, agents()))).toEqual(inFlow);
    expect(shapeOf(workflow('w', null, [workflow('inner', null, agents())]))).toEqual(inFlow);
  });

  it('without a name is no flow', () => {
    expect(shapeOf(workflow('w', { workflow: undefined }, agents()))).toEqual([
      { agent: 'a', calls: ['m1'] },
      { agent: 'b', calls: ['m2'] },
    ]);
  });

  it('with calls of its own is a run without an agent', () => {
    expect(shapeOf(workflow('w', null, [model('m0'), ...agents()]))).toEqual([
      { agent: null, flow: 'w', calls: ['m0'] },
      { agent: 'a', flow: 'w', calledBy: null, calls: ['m1'] },
      { agent: 'b', flow: 'w', calledBy: null, calls: ['m2'] },
    ]);
    expect(shapeOf(workflow('w', null, [tool('t')]))).toEqual([
      { agent: null, flow: 'w', calls: [], tools: ['t'] },
    ]);
  });

  it('that fails although its agents did not is a run, because its failure would be lost', () => {
    const runs = runsOf(failing(workflow('w', null, agents()), 'it broke'));
    expect(runs.map(({ header }) => [header.agent_id, header.status, header.error_message])).toEqual([
      [null, 'failure', 'it broke'],
      ['a', 'success', null],
      ['b', 'success', null],
    ]);
  });
});
