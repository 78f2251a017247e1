/** What the routes of custom dashboards share. */
import { Type } from 'typebox';
import { type RouteContext } from '../../http/context.js';
import { UUID_PATTERN } from '../../ids.js';
import { type PeriodName, resolveExecutionPeriod } from '../../query/executions/period.js';
import type { QueryContext } from '../../query/plan.js';
import { widen } from '../../query/segments.js';
import { ERROR_CODE, Strict } from '../../schemas.js';
import { minuteStart } from '../../time.js';

export const DASHBOARDS_TAG = 'Custom dashboards';

export const DashboardParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The dashboard.' }),
});

/** What the queries of a period depend on, now. */
export function widgetContext(
  { services, config }: RouteContext,
  tenantId: string,
  now: number,
): (period: PeriodName) => QueryContext {
  const minutesFrom = Math.max(services.status.minutesFrom, minuteStart(now, config));
  return (period) => {
    const { range } = resolveExecutionPeriod({ period }, now);
    return { tenantId, range: widen(range, minutesFrom), timeZone: 'UTC', minutesFrom, now };
  };
}
