/** Requests the list of executions, page by page. */
import { map, of, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../../api/client';
import { EXECUTION_FILTER_PARAMETERS } from '../../api/executionFilters';
import type { Catalog, Execution, ExecutionListRequest } from '../../api/types';
import { isoRange, type Range } from '../../queries/context';
import { keptValues } from '../../queries/filters';
import { readPages } from '../../queries/pages';
import type { BaseQuery, Filter } from '../../types';
import type { ExecutionsQuery } from './query';

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
  query: ExecutionsQuery,
  range: Range,
  catalog?: Catalog,
): Observable<ExecutionList> {
  const wanted = query.limit ?? DEFAULT_EXECUTIONS;
  const limit = Math.min(wanted, MAX_EXECUTIONS);
  const filters = filterParameters(query.filters, catalog);
  if (!filters) {
    return of({ items: [] });
  }
  return readPages(
    ({ size, cursor }) =>
      client.executions({
        ...scopeOf(query, range),
        ...filters,
        ...sortParameters(query),
        page_size: size,
        ...(cursor !== undefined && { cursor }),
      }),
    (page) => page.items,
    { limit, pageSize: PAGE_SIZE },
  ).pipe(
    map(({ items, last: { total } }) => ({
      items,
      ...(wanted > limit && total > limit && { cutFrom: total }),
    })),
  );
}

/** A session is shown as a whole, since it may have begun before the time range. */
function scopeOf(
  { sessionId }: ExecutionsQuery,
  range: Range,
): Pick<ExecutionListRequest, 'start_time' | 'end_time' | 'session_id'> {
  if (sessionId) {
    return { session_id: [sessionId] };
  }
  const { from, to } = isoRange(range);
  return { start_time: from, end_time: to };
}

type FilterParameters = Partial<Record<FilterParameter, string[]>>;

/** The filters as parameters of the route; undefined if no execution can match all of them. */
function filterParameters(
  filters: readonly Filter[],
  catalog: Catalog | undefined,
): FilterParameters | undefined {
  const kept = keptValues(filters, filterDimensions(catalog), 'A list of executions');
  return (
    kept && Object.fromEntries([...kept].map(([dimension, values]) => [PARAMETERS.get(dimension), values]))
  );
}

function sortParameters({ orderBy }: BaseQuery): Pick<ExecutionListRequest, 'sort_by' | 'sort_order'> {
  return orderBy ? { sort_by: orderBy.by, sort_order: orderBy.direction } : {};
}
