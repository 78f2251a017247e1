/** Applies variables and ad-hoc filters to a target. */
import type { DataQueryRequest, QueryResultMetaNotice } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { applyAdHocFilters } from '../adhoc';
import { dimensionTitle } from '../api/catalog';
import { messageOf } from '../api/errors';
import type { Catalog } from '../api/types';
import { interpolateQuery } from '../interpolate';
import { queryTypeOf, type AnalyticsQuery } from '../queryTypes';

export interface Prepared {
  query: AnalyticsQuery;
  notices: QueryResultMetaNotice[];
}

/** A filter that cannot be translated fails its target only. A filter by an unknown dimension is left out with a notice. */
export function prepare(
  target: AnalyticsQuery,
  { scopedVars, filters }: Pick<DataQueryRequest<AnalyticsQuery>, 'scopedVars' | 'filters'>,
  catalog: Catalog | undefined,
): Prepared | { refId: string; error: { message: string } } {
  const interpolated = interpolateQuery(target, { templates: getTemplateSrv(), scopedVars });
  const type = queryTypeOf(interpolated);
  try {
    const dimensions = type.filterDimensions(interpolated, catalog);
    const { query, skipped } = applyAdHocFilters(interpolated, filters, dimensions);
    const reason = type.whyNotFiltered?.(query, catalog);
    const notices = reason
      ? skipped.map((dimension): QueryResultMetaNotice => ({
          severity: 'warning',
          text: `Not filtered by ${dimensionTitle(catalog, dimension)}: ${reason}.`,
        }))
      : [];
    return { query, notices };
  } catch (error) {
    return { refId: target.refId, error: { message: messageOf(error) } };
  }
}
