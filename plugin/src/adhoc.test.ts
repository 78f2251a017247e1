import { applyAdHocFilters } from './adhoc';
import { query } from './test/requests';

const filtersFor = (operator: string, value: string, values?: string[]) =>
  applyAdHocFilters(query(), [{ key: 'endpoint', operator, value, values }]).query.filters;

describe('an ad-hoc filter', () => {
  it.each([
    ['=', 'in', ['x']],
    ['!=', 'notIn', ['x']],
  ])('%s is %s', (operator, own, values) => {
    expect(filtersFor(operator, 'x')).toEqual([{ dimension: 'endpoint', operator: own, values }]);
  });

  it.each([
    ['=|', 'in'],
    ['!=|', 'notIn'],
  ])('%s has all of its values', (operator, own) => {
    expect(filtersFor(operator, 'x', ['x', 'y'])).toEqual([
      { dimension: 'endpoint', operator: own, values: ['x', 'y'] },
    ]);
  });

  it.each([
    ['GET /api/.*', ['GET /api/*']],
    ['^(GET .*|POST /a\\.b)$', ['GET *', 'POST /a.b']],
    ['agents', ['agents']],
  ])('=~ %s is a glob', (pattern, values) => {
    expect(filtersFor('=~', pattern)).toEqual([{ dimension: 'endpoint', operator: 'matches', values }]);
  });

  it.each([
    ['=~', 'a[0-9]+'],
    ['!~', 'x'],
    ['<', '5'],
    ['>=', '5'],
  ])('%s %s is an error', (operator, value) => {
    expect(() => filtersFor(operator, value)).toThrow(`endpoint ${operator} ${value}`);
  });

  it('that is incomplete is ignored', () => {
    expect(filtersFor('=', '')).toEqual([]);
    expect(applyAdHocFilters(query(), [{ key: '', operator: '=', value: 'x' }]).query.filters).toEqual([]);
    expect(applyAdHocFilters(query(), undefined).query.filters).toEqual([]);
  });

  it('is added after the filters of the query', () => {
    const own = { dimension: 'agent', operator: 'in' as const, values: ['a1'] };
    const { query: restricted } = applyAdHocFilters(query({ filters: [own] }), [
      { key: 'agent', operator: '!=', value: 'a2' },
    ]);
    expect(restricted.filters).toEqual([own, { dimension: 'agent', operator: 'notIn', values: ['a2'] }]);
  });
});
