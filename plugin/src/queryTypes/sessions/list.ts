/** The list of sessions, and its columns. */
import type { DataFrame, QueryResultMetaNotice } from '@grafana/data';
import { map, type Observable } from 'rxjs';
import type { AnalyticsClient } from '../../api/client';
import type { Parameters, Session } from '../../api/types';
import {
  COUNT,
  numberColumn,
  SECONDS,
  tableOf,
  textColumn,
  timeColumn,
  USD,
  type Column,
} from '../../frames/columns';
import { flowText } from '../../frames/flows';
import { SESSION_OF_ROW, sessionLinks } from '../../links';
import { readPages } from '../../queries/pages';
import type { SessionsQuery } from './query';

export const DEFAULT_SESSIONS = 50;
/** A list is limited to this many rows. Each page is a request. */
export const MAX_SESSIONS = 1_000;
const PAGE_SIZE = 200;

interface SessionList {
  items: Session[];
  /** Whether the query asked for more rows than a list can have and there are more. */
  isCut: boolean;
}

export function readSessions(
  client: AnalyticsClient,
  { limit: wanted = DEFAULT_SESSIONS, sessionStatus }: SessionsQuery,
  parameters: Parameters,
): Observable<SessionList> {
  const limit = Math.min(wanted, MAX_SESSIONS);
  return readPages(
    ({ size, cursor }) =>
      client.sessions({
        ...parameters,
        ...(sessionStatus && { status: sessionStatus }),
        limit: size,
        ...(cursor !== undefined && { cursor }),
      }),
    (page) => page.sessions,
    { limit, pageSize: PAGE_SIZE },
  ).pipe(map(({ items, last }) => ({ items, isCut: wanted > limit && last.next_cursor !== null })));
}

export function sessionListFrames(
  refId: string,
  { items, isCut }: SessionList,
  datasourceUid: string,
): DataFrame[] {
  return tableOf(refId, items, columns(datasourceUid), [...cutNotices(isCut), ...truncatedNotices(items)]);
}

function columns(datasourceUid: string): Array<Column<Session>> {
  return [
    timeColumn('Started', 'started_at'),
    textColumn('Session', 'session_id', { config: { links: sessionLinks(datasourceUid, SESSION_OF_ROW) } }),
    textColumn('Status', 'status'),
    numberColumn('Duration', 'duration_sec', SECONDS),
    numberColumn('Executions', 'executions', COUNT),
    numberColumn('Steps', 'steps', COUNT),
    textColumn('Agents', 'agent_names', { value: ({ agent_names }) => agent_names.join(', ') }),
    textColumn('User', 'user_id'),
    textColumn('Environment', 'environment'),
    numberColumn('Tokens', 'total_tokens', COUNT),
    numberColumn('Cost', 'total_cost', USD),
    numberColumn('Unpriced executions', 'unpriced_executions', COUNT),
    textColumn('Flow', 'flow', { value: ({ flow }) => flowText(flow) }),
  ];
}

function cutNotices(isCut: boolean): QueryResultMetaNotice[] {
  const text = `Showing the latest ${MAX_SESSIONS} sessions, the maximum of a list. Add filters to see the others.`;
  return isCut ? [{ severity: 'warning', text }] : [];
}

function truncatedNotices(items: Session[]): QueryResultMetaNotice[] {
  const cut = items.filter(({ truncated }) => truncated).map(({ session_id }) => session_id);
  const text = `Not all executions are counted, because there are too many: ${cut.join(', ')}.`;
  return cut.length > 0 ? [{ severity: 'warning', text }] : [];
}
