/** Parameters and readings that the routes of sessions share. */
import { Type } from 'typebox';
import type { RouteContext } from '../../http/context.js';
import {
  type ExecutionPeriod,
  type PeriodName,
  resolveHourPeriod,
  type TimesRequest,
} from '../../query/executions/period.js';
import type { SessionRequest } from '../../query/sessions/rows.js';
import { Id, Nullable } from '../../schemas.js';
import { MINUTE } from '../../time.js';
import { hourPeriodParameters } from './executions.js';

export const SESSIONS_TAG = 'Sessions';

/** @param period where no period and no dates are given */
export const sessionParameters = (period: PeriodName) => ({
  ...hourPeriodParameters(period),
  period: Type.Optional({
    ...hourPeriodParameters(period).period,
    description:
      '`24h`: the current hour and the 23 before it; `7d`: today and the 6 days before it. A session belongs to the hour ' +
      'in which its first execution began.',
  }),
  agent_id: Type.Optional(Id('Only sessions in which this agent ran.')),
});

type SessionQuery = TimesRequest & { agent_id?: string };

export function sessionRequest(
  { config, now }: Pick<RouteContext, 'config' | 'now'>,
  { agent_id, period, start_date, end_date, start_time, end_time }: SessionQuery,
  defaultPeriod: PeriodName,
): { period: ExecutionPeriod; request: SessionRequest } {
  const at = now();
  const resolved = resolveHourPeriod(
    { period, start_date, end_date, start_time, end_time },
    at,
    defaultPeriod,
  );
  return {
    period: resolved,
    request: {
      range: resolved.range,
      agentId: agent_id,
      idleSince: at - config.sessionIdleMinutes * MINUTE,
    },
  };
}

/** A mean that is null where there is nothing. */
export const Mean = (description: string) =>
  Nullable(Type.Number({ description: `${description} Null without sessions.` }));
