import { interpolateQuery } from './interpolate';
import { query } from './test/requests';
import { fakeTemplates, type FakeVariable } from './test/templates';
import type { Filter } from './types';

const agents = (...values: string[]): Filter => ({ dimension: 'agent', operator: 'in', values });

function filtersWith(variables: Record<string, FakeVariable>, ...filters: Filter[]): Filter[] {
  const context = { templates: fakeTemplates(variables), scopedVars: {} };
  return interpolateQuery(query({ filters }), context).filters;
}

describe('a variable in a filter', () => {
  it('is replaced by its value', () => {
    expect(filtersWith({ agent: { value: 'a1' } }, agents('$agent'))).toEqual([agents('a1')]);
  });

  it('is replaced by all selected values, including those with commas and braces', () => {
    const variables = { agent: { value: ['a1', 'b,2', '{c}'] } };
    expect(filtersWith(variables, agents('$agent'))).toEqual([agents('a1', 'b,2', '{c}')]);
  });

  it.each(['$agent', '${agent}', '[[agent]]', '${agent:csv}', '[[agent:pipe]]', ' ${agent:regex} '])(
    'is a list in every syntax: %s',
    (reference) => {
      expect(filtersWith({ agent: { value: ['a1', 'a2'] } }, agents(reference.trim()))).toEqual([
        agents('a1', 'a2'),
      ]);
    },
  );

  it('set to All is no filter', () => {
    const variables = { agent: { value: ['$__all'], options: ['a1', 'a2'] } };
    expect(filtersWith(variables, agents('$agent'))).toEqual([]);
    expect(filtersWith(variables, agents('${agent:csv}'))).toEqual([]);
  });

  it('set to All is no filter, even with a custom All value', () => {
    expect(filtersWith({ agent: { value: '$__all', allValue: '.*' } }, agents('$agent'))).toEqual([]);
  });

  it('set to All is no filter if the variable is not in the URL', () => {
    const variables = { agent: { value: ['$__all'], options: ['a1'], skipUrlSync: true } };
    expect(filtersWith(variables, agents('$agent'))).toEqual([]);
  });

  it('set to All next to other values is no filter', () => {
    expect(filtersWith({ agent: { value: '$__all' } }, agents('a1', '$agent'))).toEqual([]);
  });

  it('set to All removes its own filter only', () => {
    const other: Filter = { dimension: 'statusClass', operator: 'notIn', values: ['2xx'] };
    expect(filtersWith({ agent: { value: '$__all' } }, agents('$agent'), other)).toEqual([other]);
  });

  it('with the value All is a normal value', () => {
    expect(filtersWith({ agent: { value: 'All' } }, agents('$agent'))).toEqual([agents('All')]);
  });

  it.each([[''], [[]]])('without a selection is no filter: %j', (chosen) => {
    expect(filtersWith({ agent: { value: chosen } }, agents('$agent'))).toEqual([]);
  });

  it('within a text yields a text per value', () => {
    const glob: Filter = { dimension: 'endpoint', operator: 'matches', values: ['GET /$area/${version}*'] };
    const variables = { area: { value: ['agents', 'keys'] }, version: { value: 'v1' } };
    expect(filtersWith(variables, glob)).toEqual([{ ...glob, values: ['GET /agents/v1*', 'GET /keys/v1*'] }]);
  });

  it('that does not exist is kept as it is', () => {
    expect(filtersWith({}, agents('$nobody', 'costs $5'))).toEqual([agents('$nobody', 'costs $5')]);
  });

  it('has the value of its repeated panel', () => {
    const templates = fakeTemplates({ agent: { value: ['$__all'], options: ['a1', 'a2'] } });
    const scopedVars = { agent: { value: 'a2', text: 'a2' } };
    const { filters } = interpolateQuery(query({ filters: [agents('$agent')] }), { templates, scopedVars });
    expect(filters).toEqual([agents('a2')]);
  });

  it('with the text format is one text', () => {
    const variables = { agent: { value: 'a1', text: 'billing-bot' } };
    expect(filtersWith(variables, agents('${agent:text}'))).toEqual([agents('billing-bot')]);
  });

  it('yields each value once', () => {
    expect(filtersWith({ agent: { value: ['a1', 'a2'] } }, agents('a1', '$agent'))).toEqual([
      agents('a1', 'a2'),
    ]);
  });
});

describe('a variable elsewhere in a query', () => {
  it('is replaced in the metric, the grouping, the alias and the search', () => {
    const templates = fakeTemplates({
      metric: { value: 'token_issuances' },
      by: { value: ['agent', 'weekday'] },
    });
    const stored = query({
      metric: '$metric',
      groupBy: ['$by'],
      alias: '$metric {{agent}}',
      search: '$metric',
    });
    expect(interpolateQuery(stored, { templates, scopedVars: {} })).toMatchObject({
      metric: 'token_issuances',
      groupBy: ['agent', 'weekday'],
      alias: 'token_issuances {{agent}}',
      search: 'token_issuances',
    });
  });

  it('is not replaced in the stored query', () => {
    const stored = query({ filters: [agents('$agent')] });
    interpolateQuery(stored, { templates: fakeTemplates({ agent: { value: 'a1' } }), scopedVars: {} });
    expect(stored.filters).toEqual([agents('$agent')]);
  });
});
