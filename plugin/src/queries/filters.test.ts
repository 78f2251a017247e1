import type { Filter } from '../types';
import { singleParameters } from './filters';

const only = (dimension: string, ...values: string[]): Filter => ({ dimension, operator: 'in', values });
const parametersOf = (...filters: Filter[]) =>
  singleParameters(filters, { agent: 'agent_id', user: 'user_id' }, 'A list of sessions');

describe('filters of a route that takes one value of each', () => {
  it('are its parameters', () => {
    expect(parametersOf(only('agent', 'a1'), only('user', 'u-7'))).toEqual({
      agent_id: 'a1',
      user_id: 'u-7',
    });
  });

  it('must match all filters by the same dimension', () => {
    expect(parametersOf(only('agent', 'a1', 'a2'), only('agent', 'a2', 'a3'))).toEqual({ agent_id: 'a2' });
    expect(parametersOf(only('agent', 'a1'), only('agent', 'a2'))).toBeUndefined();
  });

  it.each<[Filter, string]>([
    [
      only('agent', 'a1', 'a2'),
      'A list of sessions can be filtered by one value of “agent”, not by 2: a1, a2.',
    ],
    [only('tag', 'x'), 'A list of sessions cannot be filtered by “tag”, only by agent, user.'],
    [
      { ...only('user', 'u-7'), operator: 'notIn' },
      'A list of sessions can only keep values: “user” cannot be filtered by leaving out u-7.',
    ],
    [
      { ...only('user', 'u*'), operator: 'matches' },
      'A list of sessions can only keep values: “user” cannot be filtered by the pattern u*.',
    ],
  ])('that it cannot apply are errors: %j', (filter, message) => {
    expect(() => parametersOf(filter)).toThrow(message);
  });

  it('name no dimensions if the route has none', () => {
    expect(() => singleParameters([only('agent', 'a1')], {}, 'A list of users')).toThrow(
      'A list of users cannot be filtered by “agent”.',
    );
  });
});
