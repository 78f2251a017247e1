/** What every frame carries beside its fields. */
import type { DataFrame, FieldConfig, QueryResultMeta, QueryResultMetaNotice } from '@grafana/data';
import type { AnsweredPlan, Missing } from '../queries/run';
import type { Rows } from './rows';

export function frameMeta(plan: AnsweredPlan, meta: QueryResultMeta): QueryResultMeta {
  return { ...meta, executedQueryString: JSON.stringify(plan.main, null, 2) };
}

/** The unit is the answer's, or what the catalog says of the metric. */
export function valueConfig(plan: AnsweredPlan, rows: Rows, displayName: string): FieldConfig {
  return { unit: rows.unit ?? plan.metric?.unit, displayNameFromDS: displayName };
}

/** The notices of the answer, and of this plugin, on the first of the frames: Grafana shows them on the panel. */
export function withNotices(frames: DataFrame[], notices: QueryResultMetaNotice[]): DataFrame[] {
  const [first, ...rest] = frames;
  if (!first || notices.length === 0) {
    return frames;
  }
  return [
    { ...first, meta: { ...first.meta, notices: [...(first.meta?.notices ?? []), ...notices] } },
    ...rest,
  ];
}

export function noticesOf(plan: AnsweredPlan): QueryResultMetaNotice[] {
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
