/** Filters of the routes that can only keep values. */
import type { Filter } from '../types';

/**
 * The values to keep of each dimension; undefined if nothing can match all filters.
 * @param subject of the messages, such as `A list of executions`
 * @throws Error for a filter that the route cannot apply
 */
export function keptValues(
  filters: readonly Filter[],
  dimensions: readonly string[],
  subject: string,
): Map<string, string[]> | undefined {
  const kept = new Map<string, string[]>();
  for (const filter of filters) {
    check(filter, dimensions, subject);
    const before = kept.get(filter.dimension);
    // Several filters by one dimension must all match, but the route would accept any of their values.
    const both = before ? filter.values.filter((value) => before.includes(value)) : filter.values;
    if (both.length === 0) {
      return undefined;
    }
    kept.set(filter.dimension, both);
  }
  return kept;
}

/**
 * The filters as parameters of a route that takes one value of each.
 * @param parameters by dimension
 * @throws Error for a filter that the route cannot apply
 */
export function singleParameters<Parameter extends string>(
  filters: readonly Filter[],
  parameters: Readonly<Record<string, Parameter>>,
  subject: string,
): Partial<Record<Parameter, string>> | undefined {
  const kept = keptValues(filters, Object.keys(parameters), subject);
  if (!kept) {
    return undefined;
  }
  const single: Partial<Record<Parameter, string>> = {};
  for (const [dimension, values] of kept) {
    const parameter = parameters[dimension];
    if (values.length > 1) {
      throw new Error(
        `${subject} can be filtered by one value of “${dimension}”, not by ${values.length}: ${values.join(', ')}.`,
      );
    }
    if (parameter !== undefined) {
      single[parameter] = values[0];
    }
  }
  return single;
}

function check(
  { dimension, operator, values }: Filter,
  dimensions: readonly string[],
  subject: string,
): void {
  if (!dimensions.includes(dimension)) {
    throw new Error(
      `${subject} cannot be filtered by “${dimension}”${dimensions.length > 0 ? `, only by ${dimensions.join(', ')}` : ''}.`,
    );
  }
  if (operator !== 'in') {
    throw new Error(
      `${subject} can only keep values: “${dimension}” cannot be filtered by ` +
        `${operator === 'notIn' ? 'leaving out' : 'the pattern'} ${values.join(', ')}.`,
    );
  }
}
