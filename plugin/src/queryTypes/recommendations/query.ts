import type { BaseQuery } from '../../types';

export type RecommendationPart = 'list' | 'total';

export interface RecommendationsQuery extends BaseQuery {
  recommendationPart?: RecommendationPart;
  /** Of a list: also those that have been dismissed. */
  showDismissed?: boolean;
}
