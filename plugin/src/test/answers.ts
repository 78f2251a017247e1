import type { DataFrame, Field } from '@grafana/data';
import type { Column } from '../api/types';
import type { RequestContext } from '../queries/context';
import type { AnalyticsQuery } from '../query';
import { toFrames } from '../queryTypes/metric/frames';
import { planMetric, type AnsweredMetric } from '../queryTypes/metric/plan';
import { CATALOG } from './catalog';
import { query, text, time, value } from './requests';

export const DAY_1 = '2026-03-06T00:00:00Z';
export const DAY_2 = '2026-03-07T00:00:00Z';
export const at = (iso: string) => Date.parse(iso);

const REQUEST: RequestContext = {
  range: { from: at('2026-03-06T00:00:00Z'), to: at('2026-03-08T00:00:00Z') },
  intervalMs: 3_600_000,
  timeZone: 'UTC',
  now: at('2026-04-14T00:00:00Z'),
  catalog: CATALOG,
  datasourceUid: 'ds-1',
};

/** The plan of a query with its response. */
export function answered(
  changes: Partial<AnalyticsQuery>,
  columns: Column[],
  { detailColumns, ...rest }: Partial<AnsweredMetric> & { detailColumns?: Column[] } = {},
): AnsweredMetric {
  return {
    ...planMetric(query({ interval: 'day', ...changes }), REQUEST),
    mainResult: { columns, notices: [] },
    ...(detailColumns && { detailResult: { columns: detailColumns, notices: [] } }),
    ...rest,
  };
}

export const framesOf = (plan: AnsweredMetric, qualified = false): DataFrame[] =>
  toFrames(plan, { datasourceUid: 'ds-1', qualified });
export const field = (frame: DataFrame | undefined, name: string): Field => {
  const found = frame?.fields.find((candidate) => candidate.name === name);
  if (!found) {
    throw new Error(`no field ${name}`);
  }
  return found;
};

export const BY_AGENT = [
  time(DAY_1, DAY_1, DAY_1, DAY_2, DAY_2, DAY_2),
  text('agent', 'a1', 'a2', null, 'a1', 'a2', null),
  text('agentName', 'billing-bot', null, null, 'billing-bot', null, null),
  value(10, 3, 1, 0, 4, null),
];
