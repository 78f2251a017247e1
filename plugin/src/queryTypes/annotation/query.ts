import type { BaseQuery } from '../../types';

export type AnnotationKind = 'rotations' | 'jobs';

export interface AnnotationTarget extends BaseQuery {
  annotation?: AnnotationKind;
}
