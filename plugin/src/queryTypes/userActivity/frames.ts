import type { DataFrame } from '@grafana/data';
import type { UserActivity } from '../../api/types';
import {
  COUNT,
  numberColumn,
  PERCENT,
  tableOf,
  textColumn,
  timeColumn,
  USD,
  type Column,
} from '../../frames/columns';

const COLUMNS: Array<Column<UserActivity>> = [
  textColumn('User', 'name', { value: ({ name, user_id }) => name ?? user_id }),
  textColumn('User ID', 'user_id'),
  numberColumn('Executions', 'execution_count', COUNT),
  numberColumn('Success rate', 'success_rate', PERCENT),
  numberColumn('Tokens', 'total_tokens', COUNT),
  numberColumn('Cost', 'total_cost', USD),
  numberColumn('Agents created', 'agents_created', COUNT),
  timeColumn('Last active', 'last_active'),
];

export function userActivityFrames(refId: string, users: UserActivity[]): DataFrame[] {
  return tableOf(refId, users, COLUMNS);
}
