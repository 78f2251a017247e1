/** Periods of whole UTC days: the parameters of the routes about identity usage, and the period in their answers. */
import { Type } from 'typebox';
import { type Period, rangeOf } from '../../query/reports/period.js';
import { DateText, ERROR_CODE, Strict } from '../../schemas.js';

// The report checks the dates, because it can say what is wrong with one.
const dateParameter = (description: string) =>
  Type.Optional(Type.String({ description, examples: ['2026-03-06'], [ERROR_CODE]: 'INVALID_DATE_RANGE' }));

export const periodParameters = {
  from: dateParameter('First day, UTC. Default: 30 days before `to`.'),
  to: dateParameter('Last day, UTC, included. Default: today.'),
};

export const PeriodSchema = Strict({ from: DateText('First day.'), to: DateText('Last day, included.') });

/** What identifies a cached answer about a period. */
export const cachedPeriod = (endpoint: string, period: Period, query: object = {}) => ({
  endpoint,
  query: { period, ...query },
  to: rangeOf(period).to,
});
