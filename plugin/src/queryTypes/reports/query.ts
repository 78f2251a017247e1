import type { BaseQuery } from '../../types';

export interface ReportsQuery extends BaseQuery {
  /** The report whose runs are shown; without one, all reports with their last run. Can contain a template variable. */
  reportId?: string;
}
