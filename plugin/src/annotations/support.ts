import type { AnnotationSupport } from '@grafana/data';
import { lazyEditor } from '../editors/lazy';
import { DEFAULT_QUERY, normalizeQuery } from '../query';
import type { AnalyticsQuery } from '../types';

const REF_ID = 'Anno';

/**
 * Grafana makes the marks out of frames whose fields are called time, timeEnd, title, text and tags. There is no
 * `prepareAnnotation`: Grafana's editor stores what that returns and asks again, without end if it is a new object.
 */
export const annotationSupport: AnnotationSupport<AnalyticsQuery> = {
  QueryEditor: lazyEditor(
    async () => (await import('../editors/AnnotationQueryEditor')).AnnotationQueryEditor,
  ),
  prepareQuery: ({ target }) => annotationTarget(target),
};

/** A target of an annotation, whatever was stored of it: rotations, where it does not say which. */
export function annotationTarget(stored: Partial<AnalyticsQuery> | undefined): AnalyticsQuery {
  return normalizeQuery({
    ...DEFAULT_QUERY,
    ...stored,
    refId: stored?.refId ?? REF_ID,
    queryType: 'annotation',
    annotation: stored?.annotation ?? 'rotations',
  });
}
