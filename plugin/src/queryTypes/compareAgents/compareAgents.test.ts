import type { AnalyticsQuery } from '../../query';
import { COMPARISON } from '../../test/agents';
import { field } from '../../test/answers';
import { FakeBackend } from '../../test/backend';
import { CATALOG } from '../../test/catalog';
import { columnsOf, datasource, query, run } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';

const ROUTE = 'token/api/v1/analytics/agents/compare';

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates({ agents: { value: ['a2', 'a1'] }, metrics: { value: ['api_calls', 'cost'] } });
  backend = new FakeBackend().on('GET', ROUTE, () => ({ data: COMPARISON }));
});

const agents = (...values: string[]): Partial<AnalyticsQuery> => ({
  filters: [{ dimension: 'agent', operator: 'in', values }],
});
const ask = (changes: Partial<AnalyticsQuery> = {}) =>
  run(datasource(), [query({ queryType: 'compareAgents', metric: '', ...agents('$agents'), ...changes })]);
const asked = () => backend.sent('/agents/compare').map(({ params }) => params);

describe('a comparison of agents', () => {
  it('has one row per agent and one column per metric, both in the order of the query', async () => {
    const { data, errors } = await ask({ compareMetrics: ['$metrics', 'api_calls'] });
    expect(errors).toBeUndefined();
    expect(asked()).toEqual([
      {
        start_time: '2026-03-15T00:00:00.000Z',
        end_time: '2026-04-14T00:00:00.000Z',
        agent_ids: 'a2,a1',
        metrics: 'api_calls,cost',
      },
    ]);
    expect(columnsOf(data[0])).toEqual({
      Agent: ['twin (a2)', 'twin (a1)'],
      'Agent ID': ['a2', 'a1'],
      'API calls': [10, 0],
      cost: [1.5, null],
    });
    expect(field(data[0], 'Agent').config.links?.[0]?.url).toContain('/d/agentidp-agent-detail?');
  });

  it('has the title and the unit of a metric that is named by another of its names', async () => {
    const [first, ...rest] = CATALOG.metrics;
    const cost = { ...first, name: 'cost_usd', title: 'Cost', unit: 'currencyUSD', aliases: ['cost'] };
    backend.on('GET', 'token/api/v1/analytics/catalog', () => ({
      data: { ...CATALOG, metrics: [first, cost, ...rest] },
    }));
    const [frame] = (await ask()).data;
    expect(field(frame, 'Cost').config.unit).toBe('currencyUSD');
  });

  it.each([
    [0, agents('$none')],
    [1, agents('a1')],
    [21, agents(...Array.from({ length: 21 }, (_, index) => `a${index}`))],
  ])('of %i agents is an error', async (count, filtered) => {
    fakeTemplates({ none: { value: '$__all' } });
    const { errors } = await ask(filtered);
    expect(errors?.[0]?.message).toBe(
      `Choose two to twenty agents with a filter by agent. Chosen: ${count}.`,
    );
    expect(asked()).toEqual([]);
  });

  it('has the error of the exporter', async () => {
    backend.on('GET', ROUTE, () => ({
      status: 400,
      data: {
        code: 'VALIDATION_ERROR',
        message: 'the metric api_duration_p95_ms does not have the dimension agent',
      },
    }));
    expect((await ask()).errors?.[0]?.message).toContain('does not have the dimension agent');
  });
});
