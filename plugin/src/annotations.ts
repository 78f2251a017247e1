import type { AnnotationSupport } from '@grafana/data';
import { lazyEditor } from './editors/lazy';
import { annotationTarget, type AnalyticsQuery } from './query';

/**
 * Grafana makes annotations from the fields time, timeEnd, title, text and tags. There is no `prepareAnnotation`:
 * Grafana's editor stores its result and calls it again, without end if it returns a new object.
 */
export const annotationSupport: AnnotationSupport<AnalyticsQuery> = {
  QueryEditor: lazyEditor(
    async () => (await import('./queryTypes/annotation/AnnotationQueryEditor')).AnnotationQueryEditor,
  ),
  prepareQuery: ({ target }) => annotationTarget(target),
};
