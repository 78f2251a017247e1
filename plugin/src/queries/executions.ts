/** The list of executions: what of a query the route can be asked, and its pages one after the other. */
import { EMPTY, expand, map, of, reduce, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../api/client';
import type { Execution, ExecutionListRequest } from '../api/types';
import type { AnalyticsQuery, Filter } from '../types';
import type { RequestContext } from './plan';

/** Dimensions that the list can be filtered by, and the parameter of the route for each. */
export const EXECUTION_FILTERS = {
  agent: 'agent_id',
  user: 'user_id',
  flow: 'flow_id',
  model: 'model_name',
  executionStatus: 'status',
  errorType: 'error_type',
} as const satisfies Record<string, keyof ExecutionListRequest>;

/** By what the list can be sorted. */
export const EXECUTION_SORTS = ['started_at', 'execution_time_ms', 'cost_usd', 'total_tokens'] as const;
export const DEFAULT_EXECUTIONS = 50;
/** More rows than this nobody reads, and each two hundred are a request. */
export const MAX_EXECUTIONS = 1_000;
const PAGE_SIZE = 200;

export interface ExecutionList {
  items: Execution[];
  /** How many there are in all, where fewer than asked for are shown because they would be too many. */
  cutFrom?: number;
}

/** @throws Error for a filter that the route cannot apply */
export function readExecutions(
  client: AnalyticsClient,
  query: AnalyticsQuery,
  { range }: Pick<RequestContext, 'range'>,
): Observable<ExecutionList> {
  const wanted = query.limit ?? DEFAULT_EXECUTIONS;
  const limit = Math.min(wanted, MAX_EXECUTIONS);
  const filters = filterParameters(query.filters);
  if (!filters) {
    return of({ items: [] });
  }
  const ask = (have: number, cursor?: string) =>
    client
      .executions({
        start_time: new Date(range.from).toISOString(),
        end_time: new Date(range.to).toISOString(),
        ...filters,
        ...sortParameters(query),
        page_size: Math.min(PAGE_SIZE, limit - have),
        ...(cursor !== undefined && { cursor }),
      })
      .pipe(map((page) => ({ ...page, have: have + page.items.length })));
  return ask(0).pipe(
    expand(({ have, next_cursor }) =>
      next_cursor === null || have >= limit ? EMPTY : ask(have, next_cursor),
    ),
    reduce<{ items: Execution[]; total: number }, ExecutionList & { total: number }>(
      (list, { items, total }) => ({ items: [...list.items, ...items], total }),
      { items: [], total: 0 },
    ),
    map(({ items, total }) => ({ items, ...(wanted > limit && total > limit && { cutFrom: total }) })),
  );
}

type FilterParameters = Partial<Record<(typeof EXECUTION_FILTERS)[keyof typeof EXECUTION_FILTERS], string[]>>;

/** The filters as the route takes them; undefined where no execution can pass all of them. */
function filterParameters(filters: Filter[]): FilterParameters | undefined {
  const parameters: FilterParameters = {};
  for (const filter of filters) {
    const name = parameterOf(filter);
    const before = parameters[name];
    // Two filters on one thing both apply, where the route would take either.
    const both = before ? filter.values.filter((value) => before.includes(value)) : filter.values;
    if (both.length === 0) {
      return undefined;
    }
    parameters[name] = both;
  }
  return parameters;
}

function parameterOf({ dimension, operator, values }: Filter) {
  if (!isExecutionFilter(dimension)) {
    const known = Object.keys(EXECUTION_FILTERS).join(', ');
    throw new Error(`A list of executions cannot be filtered by “${dimension}”, only by ${known}.`);
  }
  if (operator !== 'in') {
    throw new Error(
      `A list of executions can only keep values: “${dimension}” cannot be filtered by ` +
        `${operator === 'notIn' ? 'leaving out' : 'the pattern'} ${values.join(', ')}.`,
    );
  }
  return EXECUTION_FILTERS[dimension];
}

function isExecutionFilter(dimension: string): dimension is keyof typeof EXECUTION_FILTERS {
  return Object.hasOwn(EXECUTION_FILTERS, dimension);
}

function sortParameters({ orderBy }: AnalyticsQuery): Pick<ExecutionListRequest, 'sort_by' | 'sort_order'> {
  return orderBy ? { sort_by: orderBy.by, sort_order: orderBy.direction } : {};
}
