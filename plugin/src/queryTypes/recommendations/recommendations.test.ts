import type { AnalyticsQuery } from '../../query';
import { RECOMMENDATIONS } from '../../test/agents';
import { field } from '../../test/answers';
import { FakeBackend } from '../../test/backend';
import { columnsOf, datasource, query, run, type RequestOptions } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';

const ROUTE = 'token/api/v1/analytics/costs/recommendations';

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend().on('GET', ROUTE, () => ({ data: RECOMMENDATIONS }));
});

const ask = (changes: Partial<AnalyticsQuery> = {}, options?: RequestOptions) =>
  run(datasource(), [query({ queryType: 'recommendations', metric: '', ...changes })], options);

describe('recommendations', () => {
  it('are those that have not been dismissed, with what each is founded on', async () => {
    const { data } = await ask();
    expect(backend.sent('/recommendations')[0]?.params).toBeUndefined();
    expect(columnsOf(data[0])).toEqual({
      Recommendation: Array(2).fill('Billing bot can run on gpt-4o-mini.'),
      Savings: [41.25, null],
      Action: Array(2).fill('Move Billing bot from gpt-4o to gpt-4o-mini.'),
      Kind: ['cheaper model', 'unpriced'],
      Agent: ['a1', null],
      'Agent ID': ['a1', null],
      Model: ['gpt-4o', 'gpt-4o'],
      Evidence: ['100 runs at $0.50 in place of $0.91.', '5 tokens have no price.'],
      Execution: ['e-1', null],
      Caveat: ['Tasks may differ.', null],
      Dismissed: ['no', 'no'],
      ID: ['r-1', 'r-2'],
    });
    expect(field(data[0], 'Savings').config.unit).toBe('currencyUSD');
  });

  it('link to their agent and to an execution to look at', async () => {
    const [frame] = (await ask()).data;
    const urlOf = (name: string) => field(frame, name).config.links?.[0]?.url;
    expect(urlOf('Agent')).toContain('/d/agentidp-agent-detail?var-agent=${__data.fields["Agent ID"]');
    expect(urlOf('Execution')).toContain('/d/agentidp-execution?var-execution=${__data.fields.Execution');
  });

  it('can include dismissed ones', async () => {
    const { data } = await ask({ showDismissed: true });
    expect(field(data[0], 'ID').values).toEqual(['r-1', 'r-2', 'r-3']);
    expect(field(data[0], 'Dismissed').values).toEqual(['no', 'no', 'yes']);
  });

  it('have a total of the savings, and the number of those that are open', async () => {
    const { data } = await ask({ recommendationPart: 'total', showDismissed: true });
    expect(columnsOf(data[0])).toEqual({ Savings: [41.25], Recommendations: [2] });
  });

  it('are no frame if there are none, but have a total', async () => {
    backend.on('GET', ROUTE, () => ({ data: { total_savings: 0, recommendations: [] } }));
    expect((await ask()).data).toEqual([]);
    const { data } = await ask({ recommendationPart: 'total' });
    expect(columnsOf(data[0])).toEqual({ Savings: [0], Recommendations: [0] });
  });

  it('have a notice that ad-hoc filters do not apply', async () => {
    const { data } = await ask({}, { filters: [{ key: 'agent', operator: '=', value: 'a1' }] });
    expect(data[0].meta.notices).toEqual([
      { severity: 'warning', text: 'Not filtered by Agent: recommendations cannot be filtered.' },
    ]);
  });

  it('are an error with an exporter that has no such route', async () => {
    backend.on('GET', ROUTE, () => ({ status: 404, data: { code: 'NOT_FOUND', message: 'no such route' } }));
    expect((await ask()).errors).toHaveLength(1);
  });
});
