/** Answers of the routes of sessions. */
import type {
  Session,
  SessionDropoff,
  SessionFlows,
  SessionFunnel,
  SessionMetrics,
  SessionPage,
} from '../api/types';

export const PERIOD = { name: null, start: '2026-03-15T00:00:00Z', end: '2026-04-14T00:00:00Z' };

export function session(changes: Partial<Session> = {}): Session {
  return {
    session_id: 's-1',
    started_at: '2026-04-01T09:00:00Z',
    ended_at: '2026-04-01T09:02:30Z',
    duration_sec: 150,
    executions: 3,
    steps: 7,
    agents: ['a1', 'a2'],
    agent_names: ['billing-bot', 'a2'],
    user_id: 'u-7',
    environment: 'production',
    status: 'completed',
    total_tokens: 4_200,
    total_cost: 0.125,
    unpriced_executions: 0,
    flow: ['search', 'thought', 'pay'],
    ...changes,
  };
}

export const SESSIONS: SessionPage = { sessions: [session()], next_cursor: null };

export const METRICS: SessionMetrics = {
  period: PERIOD,
  total_sessions: 10,
  active_sessions: 1,
  ended_sessions: 9,
  avg_duration_sec: 61.5,
  avg_steps: 4.2,
  avg_executions: 1.5,
  completion_rate: 77.7,
  executions_without_session: 3,
};

export const FLOWS: SessionFlows = {
  period: PERIOD,
  total_sessions: 10,
  common_flows: [
    { steps: ['search', 'pay'], count: 5, share: 50, avg_duration_ms: 90_000, completion_rate: 80 },
    // The second search follows the first payment.
    {
      steps: ['search', 'pay', 'search', 'pay'],
      count: 2,
      share: 20,
      avg_duration_ms: 120_000,
      completion_rate: 100,
    },
    { steps: [], count: 1, share: 10, avg_duration_ms: 10, completion_rate: null },
  ],
  other: { count: 2, share: 20 },
};

export const DROPOFF: SessionDropoff = {
  period: PERIOD,
  total_sessions: 10,
  steps: [
    {
      number: 1,
      reached: 9,
      completed: 1,
      dropped: 3,
      completion_rate: 66.6,
      drop_rate: 33.3,
      top_last_steps: [
        { step: 'search', count: 3 },
        { step: 'thought', count: 1 },
      ],
    },
    {
      number: 2,
      reached: 5,
      completed: 5,
      dropped: 0,
      completion_rate: 100,
      drop_rate: 0,
      top_last_steps: [{ step: 'pay', count: 5 }],
    },
  ],
};

export const FUNNEL: SessionFunnel = {
  period: PERIOD,
  steps: [
    {
      step: 'search',
      sessions: 8,
      conversion_rate: 100,
      from_previous_rate: null,
      median_ms_from_previous: null,
    },
    { step: 'pay', sessions: 6, conversion_rate: 75, from_previous_rate: 75, median_ms_from_previous: 4_500 },
    {
      step: 'confirm',
      sessions: 3,
      conversion_rate: 37.5,
      from_previous_rate: 50,
      median_ms_from_previous: 900,
    },
  ],
};
