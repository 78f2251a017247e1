import type { BaseQuery } from '../../types';

export interface DimensionValuesQuery extends BaseQuery {
  dimension?: string;
  /** Text that the value or its label must contain. */
  search?: string;
}
