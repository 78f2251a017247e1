/** Variables and ad-hoc filters into a target. */
import type { DataQueryRequest, QueryResultMetaNotice } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { applyAdHocFilters } from '../adhoc';
import { messageOf } from '../api/errors';
import type { Catalog } from '../api/types';
import { interpolateQuery } from '../interpolate';
import type { AnalyticsQuery, QueryType } from '../types';
import { EXECUTION_FILTERS } from './executions';
import { findMetric } from './plan';

export interface Prepared {
  query: AnalyticsQuery;
  notices: QueryResultMetaNotice[];
}

/** What has no metric, as a sentence about its filters calls it. */
const SUBJECTS: Partial<Record<QueryType, string>> = {
  executions: 'the list of executions cannot be',
  budgets: 'budgets cannot be',
  forecast: 'the forecast cannot be',
};

/** A filter that cannot be applied at all fails this target alone; one on what it does not know leaves it as it is. */
export function prepare(
  target: AnalyticsQuery,
  { scopedVars, filters }: Pick<DataQueryRequest<AnalyticsQuery>, 'scopedVars' | 'filters'>,
  catalog: Catalog | undefined,
): Prepared | { refId: string; error: { message: string } } {
  const interpolated = interpolateQuery(target, { templates: getTemplateSrv(), scopedVars });
  try {
    const { query, skipped } = applyAdHocFilters(
      interpolated,
      filters,
      filterDimensions(interpolated, catalog),
    );
    const reason = reasonOf(query, catalog);
    const notices = skipped.map((dimension): QueryResultMetaNotice => {
      const title = catalog?.dimensions.find(({ name }) => name === dimension)?.title ?? dimension;
      return { severity: 'warning', text: `Not filtered by ${title}: ${reason}.` };
    });
    // An execution is named by its id: no filter could change it.
    return { query, notices: query.queryType === 'execution' ? [] : notices };
  } catch (error) {
    return { refId: target.refId, error: { message: messageOf(error) } };
  }
}

/** By what a query can be filtered; undefined where that is not known, and anything may be. */
export function filterDimensions(
  query: AnalyticsQuery,
  catalog: Catalog | undefined,
): readonly string[] | undefined {
  switch (query.queryType) {
    case 'executions':
      return Object.keys(EXECUTION_FILTERS);
    case 'execution':
    case 'budgets':
    case 'forecast':
      return [];
    default:
      return findMetric(catalog, metricOf(query))?.dimensions;
  }
}

function reasonOf(query: AnalyticsQuery, catalog: Catalog | undefined): string {
  const subject = SUBJECTS[query.queryType as QueryType];
  return subject ?? `${findMetric(catalog, metricOf(query))?.title} is not counted by it`;
}

function metricOf({ queryType, metric }: AnalyticsQuery): string {
  return queryType === 'annotation' ? 'credential_rotations' : metric;
}
