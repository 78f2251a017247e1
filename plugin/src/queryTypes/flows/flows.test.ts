import type { DataFrame } from '@grafana/data';
import type { AnalyticsQuery } from '../../query';
import { field } from '../../test/answers';
import { FakeBackend } from '../../test/backend';
import { columnsOf, datasource, query, run } from '../../test/requests';
import { FLOWS } from '../../test/sessions';
import { fakeTemplates } from '../../test/templates';

const ROUTE = 'token/api/v1/analytics/sessions/flows';
const NO_FLOWS = { ...FLOWS, total_sessions: 0, common_flows: [], other: { count: 0, share: null } };

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend().on('GET', ROUTE, () => ({ data: FLOWS }));
});

async function ask(changes: Partial<AnalyticsQuery> = {}): Promise<DataFrame[]> {
  const { data, errors } = await run(datasource(), [query({ queryType: 'flows', metric: '', ...changes })]);
  expect(errors).toBeUndefined();
  return data as DataFrame[];
}

describe('flows as a table', () => {
  it('are those of steps, with the default limit of the route', async () => {
    const [frame] = await ask();
    expect(backend.sent('/flows')[0]?.params).toEqual({
      start_time: '2026-03-15T00:00:00.000Z',
      end_time: '2026-04-14T00:00:00.000Z',
      of: 'steps',
    });
    expect(columnsOf(frame)).toEqual({
      Flow: ['search → pay', 'search → pay → search → pay', '(no steps)', '(other flows)'],
      Sessions: [5, 2, 1, 2],
      Share: [50, 20, 10, 20],
      Duration: [90_000, 120_000, 10, null],
      'Completion rate': [80, 100, null, null],
    });
    expect(['Share', 'Duration'].map((name) => field(frame, name).config.unit)).toEqual(['percent', 'ms']);
  });

  it('are those of agents, limited and filtered', async () => {
    await ask({
      flowOf: 'agents',
      limit: 5,
      filters: [{ dimension: 'agent', operator: 'in', values: ['a1'] }],
    });
    expect(backend.sent('/flows')[0]?.params).toMatchObject({ of: 'agents', limit: 5, agent_id: 'a1' });
  });

  it('have no row of others if there are none', async () => {
    backend.on('GET', ROUTE, () => ({ data: { ...FLOWS, other: { count: 0, share: 0 } } }));
    expect(field((await ask())[0], 'Flow').values).not.toContain('(other flows)');
  });

  it('are no frame without sessions', async () => {
    backend.on('GET', ROUTE, () => ({ data: NO_FLOWS }));
    expect(await ask()).toEqual([]);
  });
});

describe('flows as a node graph', () => {
  const graph = () => ask({ format: 'node-graph' });

  it('are a frame of nodes and one of edges', async () => {
    expect(
      (await graph()).map(({ refId, name, meta }) => [refId, name, meta?.preferredVisualisationType]),
    ).toEqual([
      ['A', 'nodes', 'nodeGraph'],
      ['A', 'edges', 'nodeGraph'],
    ]);
  });

  it('count a session once at each step', async () => {
    const [nodes] = await graph();
    expect(columnsOf(nodes)).toEqual({
      id: ['start', 'step search', 'step pay', 'end'],
      title: ['Start', 'search', 'pay', 'End'],
      mainstat: ['8', '7', '7', '8'],
      secondarystat: ['80 %', '70 %', '70 %', '80 %'],
      arc__share: [0.8, 0.7, 0.7, 0.8],
      arc__rest: [expect.closeTo(0.2), expect.closeTo(0.3), expect.closeTo(0.3), expect.closeTo(0.2)],
    });
  });

  it('count a session once at each edge, also without steps', async () => {
    const [, edges] = await graph();
    const { source = [], target = [], mainstat = [], thickness = [] } = columnsOf(edges);
    expect(source.map((from, index) => [from, target[index], mainstat[index]])).toEqual([
      ['start', 'step search', '7'],
      ['step search', 'step pay', '7'],
      ['step pay', 'end', '7'],
      ['step pay', 'step search', '2'],
      ['start', 'end', '1'],
    ]);
    expect(thickness).toEqual([8, 8, 8, expect.closeTo(2.29, 2), expect.closeTo(1.14, 2)]);
  });

  it('keep a step apart that is named like the start', async () => {
    const common_flows = FLOWS.common_flows.map((flow) => ({ ...flow, steps: ['start'] }));
    backend.on('GET', ROUTE, () => ({ data: { ...FLOWS, common_flows } }));
    const [nodes] = await graph();
    expect(field(nodes, 'id').values).toEqual(['start', 'step start', 'end']);
  });

  it('have a notice about flows that are not drawn', async () => {
    const [nodes, edges] = await graph();
    expect(nodes?.meta?.notices).toEqual([
      { severity: 'info', text: 'Not drawn: 2 sessions with less common flows.' },
    ]);
    expect(edges?.meta?.notices).toBeUndefined();
  });

  it('are no frames without sessions', async () => {
    backend.on('GET', ROUTE, () => ({ data: NO_FLOWS }));
    expect(await graph()).toEqual([]);
  });
});

it('flows have the error of the exporter', async () => {
  backend.on('GET', ROUTE, () => ({
    status: 503,
    data: { code: 'UNAVAILABLE', message: 'the database is away' },
  }));
  const { errors } = await run(datasource(), [query({ queryType: 'flows', metric: '' })]);
  expect(errors?.[0]?.message).toContain('the database is away');
});
