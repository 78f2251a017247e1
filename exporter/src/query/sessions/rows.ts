/** Rows of the aggregates of sessions that no metric is made of: flows and ends of flows. */
import type { Aggregate } from '../../aggregates/index.js';
import type { Parameters } from '../../db/parameters.js';
import { hasEndedSinceSql } from '../../facts/session/session.js';
import { rowsSql } from '../rows.js';
import type { Range } from '../segments.js';

/** What sessions are asked for. */
export interface SessionRequest {
  /** Of whole hours. */
  range: Range;
  /** Only sessions in which this agent ran, and of their flows only its runs. */
  agentId?: string;
  /** Sessions whose last execution ended before this instant have ended, milliseconds. */
  idleSince: number;
}

/** Sessions of the range that have ended since they were counted as active: few, and no rollup is waited for. */
export function endedSinceSql({ range, idleSince }: SessionRequest, parameters: Parameters): string {
  const [from, to, idle] = [range.from, range.to, idleSince].map((at) => parameters.add(new Date(at)));
  return `e.tenant_id = $1 AND e.started_at >= ${from} AND e.started_at < ${to} AND ${hasEndedSinceSql('e', idle!)}`;
}

/**
 * The rows of an aggregate of sessions, and those that correct them by what has ended since. $1 is the tenant.
 * @param figures besides the keys, without `active` and `completed`
 */
export function correctedSql(
  source: Aggregate,
  request: SessionRequest,
  figures: readonly string[],
  parameters: Parameters,
): string {
  const keys = source.keys.map(({ column }) => column);
  const rows = rowsSql(source, request.range, () => [...keys, ...figures, 'active', 'completed'], parameters);
  const ofSession = source.keys.map(({ raw }) => raw);
  const ofFigures = figures.map((name) => (name === 'flow' ? 'f.flow' : '0'));
  return `${rows}
  UNION ALL SELECT ${[...ofSession, ...ofFigures].join(', ')}, -1, (e.ended_as = 'completed')::int
    FROM sessions e ${source.from.join ?? ''} WHERE ${endedSinceSql(request, parameters)}`;
}
