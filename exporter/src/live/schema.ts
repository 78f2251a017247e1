/** What an event `metrics` holds. */
import { type Static, Type } from 'typebox';
import { Count, Percent, Strict, TimeText, Usd } from '../schemas.js';

export const LiveMetrics = Strict({
  at: TimeText('When the figures were read.'),
  active_sessions: Count('Sessions that are active now.'),
  running_executions: Count('Executions of the top level that are running now.'),
  executions_per_minute: Count('Executions of the top level that arrived within the last 60 s, each once.'),
  current_error_rate: Percent(
    'Share of the executions of the top level reported as finished within the last 60 s that did not succeed.',
  ),
  api_calls_per_minute: Count('API calls that arrived within the last 60 s.'),
  tokens_per_minute: Type.Integer({
    minimum: 0,
    description: 'Tokens of executions of every level, as far as they arrived within the last 60 s.',
  }),
  cost_per_minute_usd: Usd('Their known cost.'),
  firing_alerts: Count('Alerts that are firing.'),
});
export type LiveFigures = Static<typeof LiveMetrics>;
