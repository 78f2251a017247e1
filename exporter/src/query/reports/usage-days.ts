/** Days of events by agent and type, `d` in statements of one tenant ($1). */
import { tableOf, usage } from '../../aggregates/index.js';
import type { Measure } from '../../catalog/index.js';
import { onlySql } from '../base.js';
import { formulaSql } from '../sql.js';

/** The days of the events that these measures count, as a FROM and a WHERE clause. */
export const usageDays = (...measures: Measure[]): string =>
  `FROM ${tableOf(usage, 'day')} d WHERE d.tenant_id = $1 AND ${onlySql(usage, measures, 'd')}`;

/** What a measure counts, 0 where there is nothing. */
export const counted = (measure: Measure): string => formulaSql({ op: 'sum', of: measure }, usage, 'd');
