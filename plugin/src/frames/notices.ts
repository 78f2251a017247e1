import type { DataFrame, QueryResultMetaNotice } from '@grafana/data';

/** The frames with the notices on the first of them. Grafana shows notices on the panel. */
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
