/** Requests the list of executions, page by page. */
import { EMPTY, expand, map, of, reduce, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../../api/client';
import { EXECUTION_FILTER_PARAMETERS } from '../../api/executionFilters';
import type { Catalog, Execution, ExecutionListRequest } from '../../api/types';
import { isoRange, type Range } from '../../queries/context';
import type { BaseQuery, Filter } from '../../types';

export const EXECUTION_SORTS = ['started_at', 'execution_time_ms', 'cost_usd', 'total_tokens'] as const;
export const DEFAULT_EXECUTIONS = 50;
/** A list is limited to this many rows. Each page is a request. */
export const MAX_EXECUTIONS = 1_000;
const PAGE_SIZE = 200;

type FilterParameter = (typeof EXECUTION_FILTER_PARAMETERS)[number];

/** Parameters whose dimension does not follow from their name, or that filter by no dimension. */
const IRREGULAR = new Map<FilterParameter, string | undefined>([
  ['status', 'executionStatus'],
  ['session_id', undefined],
]);

/**
 * The parameter for each dimension. It is derived from the name: `agent_id` filters by `agent`, `model_name` by `model`,
 * and `error_type` by `errorType`. So a new dimension does not require a new plugin.
 */
const PARAMETERS = new Map<string, FilterParameter>(
  EXECUTION_FILTER_PARAMETERS.filter((parameter) => !IRREGULAR.has(parameter)).map((parameter) => [
    regularDimension(parameter),
    parameter,
  ]),
);
IRREGULAR.forEach((dimension, parameter) => dimension && PARAMETERS.set(dimension, parameter));

function regularDimension(parameter: string): string {
  return parameter.replace(/_(id|name)$/, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The dimensions by which a list can be filtered, as far as the catalog knows them. */
export function filterDimensions(catalog: Catalog | undefined): string[] {
  return [...PARAMETERS.keys()].filter(
    (dimension) => !catalog || catalog.dimensions.some(({ name }) => name === dimension),
  );
}

export interface ExecutionList {
  items: Execution[];
  /** The total, if the query asked for more rows than a list can have and there are more. */
  cutFrom?: number;
}

/** @throws Error for a filter that the route cannot apply */
export function readExecutions(
  client: AnalyticsClient,
  query: BaseQuery,
  range: Range,
  catalog?: Catalog,
): Observable<ExecutionList> {
  const wanted = query.limit ?? DEFAULT_EXECUTIONS;
  const limit = Math.min(wanted, MAX_EXECUTIONS);
  const filters = filterParameters(query.filters, catalog);
  if (!filters) {
    return of({ items: [] });
  }
  const { from, to } = isoRange(range);
  const requestPage = (received: number, cursor?: string) =>
    client
      .executions({
        start_time: from,
        end_time: to,
        ...filters,
        ...sortParameters(query),
        page_size: Math.min(PAGE_SIZE, limit - received),
        ...(cursor !== undefined && { cursor }),
      })
      .pipe(map((page) => ({ ...page, received: received + page.items.length })));
  return requestPage(0).pipe(
    expand(({ received, next_cursor }) =>
      next_cursor === null || received >= limit ? EMPTY : requestPage(received, next_cursor),
    ),
    reduce<{ items: Execution[]; total: number }, ExecutionList & { total: number }>(
      (list, { items, total }) => ({ items: [...list.items, ...items], total }),
      { items: [], total: 0 },
    ),
    map(({ items, total }) => ({ items, ...(wanted > limit && total > limit && { cutFrom: total }) })),
  );
}

type FilterParameters = Partial<Record<FilterParameter, string[]>>;

/** The filters as parameters of the route; undefined if no execution can match all of them. */
function filterParameters(filters: Filter[], catalog: Catalog | undefined): FilterParameters | undefined {
  const parameters: FilterParameters = {};
  for (const filter of filters) {
    const name = parameterOf(filter, catalog);
    const before = parameters[name];
    // Several filters by one dimension must all match, but the route would accept any of their values.
    const both = before ? filter.values.filter((value) => before.includes(value)) : filter.values;
    if (both.length === 0) {
      return undefined;
    }
    parameters[name] = both;
  }
  return parameters;
}

function parameterOf({ dimension, operator, values }: Filter, catalog: Catalog | undefined): FilterParameter {
  const parameter = PARAMETERS.get(dimension);
  if (!parameter) {
    const known = filterDimensions(catalog).join(', ');
    throw new Error(`A list of executions cannot be filtered by “${dimension}”, only by ${known}.`);
  }
  if (operator !== 'in') {
    throw new Error(
      `A list of executions can only keep values: “${dimension}” cannot be filtered by ` +
        `${operator === 'notIn' ? 'leaving out' : 'the pattern'} ${values.join(', ')}.`,
    );
  }
  return parameter;
}

function sortParameters({ orderBy }: BaseQuery): Pick<ExecutionListRequest, 'sort_by' | 'sort_order'> {
  return orderBy ? { sort_by: orderBy.by, sort_order: orderBy.direction } : {};
}
