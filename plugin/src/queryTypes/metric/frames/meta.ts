/** The parts of a metric's frame other than its values. */
import type { FieldConfig, QueryResultMeta, QueryResultMetaNotice } from '@grafana/data';
import type { Rows } from '../../../frames/rows';
import type { Missing } from '../../../queries/run';
import type { AnsweredMetric } from '../plan';

export function frameMeta(plan: AnsweredMetric, meta: QueryResultMeta): QueryResultMeta {
  return { ...meta, executedQueryString: JSON.stringify(plan.main, null, 2) };
}

/** The unit is that of the response, or that of the metric in the catalog. */
export function valueConfig(plan: AnsweredMetric, rows: Rows, displayName: string): FieldConfig {
  return { unit: rows.unit ?? plan.metric?.unit, displayNameFromDS: displayName };
}

export function noticesOf(plan: AnsweredMetric): QueryResultMetaNotice[] {
  const { mainResult, detailResult, detailError, previousError } = plan;
  const texts = [...mainResult.notices, ...(detailResult?.notices ?? [])];
  return [
    ...[...new Set(texts)].map((text): QueryResultMetaNotice => ({ severity: 'info', text })),
    ...missing('The details are missing', detailError),
    ...missing('The period before is missing', previousError),
  ];
}

function missing(what: string, error: Missing | undefined): QueryResultMetaNotice[] {
  return error ? [{ severity: 'warning', text: `${what}: ${error.message}` }] : [];
}
