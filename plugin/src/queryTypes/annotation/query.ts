import type { BaseQuery } from '../../types';

export type AnnotationKind = 'rotations' | 'jobs' | 'alerts';

export interface AnnotationTarget extends BaseQuery {
  annotation?: AnnotationKind;
}
