/** What is counted of sessions: the measures that aggregates keep of them, and the metrics made of those. */
import type { MetricOf } from './metric.js';

export type SessionMeasure =
  | 'sessions'
  | 'activeSessions'
  | 'endedSessions'
  | 'completedSessions'
  /** Seconds. */
  | 'sessionDurationSum'
  | 'sessionExecutions'
  | 'sessionSteps';

export const SESSION_METRICS: readonly MetricOf<SessionMeasure>[] = [
  {
    name: 'sessions',
    title: 'Sessions',
    description:
      'Sessions, by when their first execution began. By agent, a session counts under each agent that ran in it.',
    unit: 'short',
    kind: 'count',
    formula: { op: 'sum', of: 'sessions' },
  },
  {
    name: 'session_duration_avg_s',
    title: 'Average session duration',
    description: 'Mean time from the first start to the last end of a session.',
    unit: 's',
    kind: 'duration',
    formula: { op: 'mean', sum: 'sessionDurationSum', count: 'sessions' },
  },
  {
    name: 'session_executions_avg',
    title: 'Executions per session',
    description: 'Mean number of executions of a session, nested ones included.',
    unit: 'short',
    kind: 'gauge',
    formula: { op: 'mean', sum: 'sessionExecutions', count: 'sessions' },
  },
  {
    name: 'session_steps_avg',
    title: 'Steps per session',
    description: 'Mean number of steps of a session.',
    unit: 'short',
    kind: 'gauge',
    formula: { op: 'mean', sum: 'sessionSteps', count: 'sessions' },
  },
  {
    name: 'session_completion_rate',
    title: 'Session completion rate',
    description:
      'Share of ended sessions whose last top-level execution succeeded. A session ends SESSION_IDLE_MINUTES after its last execution.',
    unit: 'percent',
    kind: 'rate',
    formula: { op: 'percent', part: 'completedSessions', of: ['endedSessions'] },
  },
];
