import type { AnnotationSupport } from '@grafana/data';
import { lazyEditor } from './editors/lazy';
import { annotationTarget, type AnalyticsQuery } from './query';

/**
 * Grafana creates annotations from the fields time, timeEnd, title, text and tags. There is no `prepareAnnotation`,
 * because Grafana's editor stores its result and calls it again, in an endless loop if it returns a new object.
 */
export const annotationSupport: AnnotationSupport<AnalyticsQuery> = {
  QueryEditor: lazyEditor(
    async () => (await import('./queryTypes/annotation/AnnotationQueryEditor')).AnnotationQueryEditor,
  ),
  prepareQuery: ({ target }) => annotationTarget(target),
};
