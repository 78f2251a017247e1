/** Requests of the routes that have a period of hours and filters with one value each. */
import { defer, map, of, type Observable } from 'rxjs';
import type { DataFrame } from '@grafana/data';
import type { Parameters } from '../api/types';
import { withNotices } from '../frames/notices';
import type { BaseQuery } from '../types';
import type { RequestContext } from './context';
import { singleParameters } from './filters';
import { periodNotices, periodOf } from './period';

export interface PeriodRoute {
  /** Of the messages about filters, such as `Flows of sessions`. */
  subject: string;
  /** The parameters that filter, by dimension. */
  filters: Readonly<Record<string, string>>;
}

/** The limit of the query; left out where it has none, so that the route's applies. */
export const limitOf = ({ limit }: BaseQuery): { limit?: number } => (limit === undefined ? {} : { limit });

/** The filter that all routes of sessions have. */
export const BY_AGENT = { agent: 'agent_id' } as const;

/** The parts of a query type that follow from its route. */
export function filtersOf({ subject, filters }: PeriodRoute) {
  const dimensions = Object.keys(filters);
  return {
    filterDimensions: () => dimensions,
    whyNotFiltered: () => `${subject.charAt(0).toLowerCase()}${subject.slice(1)} cannot be filtered by it`,
  };
}

/** The frames of the answer; none, and no request, if nothing can match all filters. */
export function requestPeriod<Answer>(
  query: BaseQuery,
  context: RequestContext,
  { subject, filters }: PeriodRoute,
  send: (parameters: Parameters) => Observable<Answer>,
  toFrames: (answer: Answer) => DataFrame[],
): Observable<DataFrame[]> {
  return defer(() => {
    const filtered = singleParameters(query.filters, filters, subject);
    return filtered
      ? send({ ...periodOf(context), ...filtered }).pipe(
          map((answer) => withNotices(toFrames(answer), periodNotices(context))),
        )
      : of([]);
  });
}
