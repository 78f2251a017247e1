/**
 * The aggregates of sessions, which are made of executions: see `rollup/sessions.ts`. Their marks name the hours in which
 * sessions began.
 */
import { flowSql } from '../facts/session/session.js';
import {
  type Aggregate,
  aggregate,
  by,
  count,
  type Declaration,
  type Facts,
  type Key,
  shared,
  sum,
} from './aggregate.js';
import { EXECUTIONS } from './executions.js';
import { total } from './measures.js';

export const SESSIONS = {
  table: 'sessions',
  time: 'started_at',
  marks: { hour: 'session' },
  // They go with their executions.
  retention: EXECUTIONS.retention,
} as const satisfies Facts;

const counts = [
  count('sessions', 'count(*)'),
  count('active', 'count(*) FILTER (WHERE e.is_active)'),
  count('completed', `count(*) FILTER (WHERE NOT e.is_active AND e.ended_as = 'completed')`),
];
const duration = sum('duration_sum', 'sum(extract(epoch FROM e.ended_at - e.started_at))');

const measures = {
  sessions: total('sessions'),
  activeSessions: total('active'),
  endedSessions: {
    columns: ['sessions', 'active'],
    sql: (row: string) => `sum(${row}.sessions - ${row}.active)`,
  },
  completedSessions: total('completed'),
  sessionDurationSum: total('duration_sum'),
  sessionExecutions: total('executions'),
  sessionSteps: total('steps'),
};

const sessionsBy = (
  name: string,
  table: string,
  keys: readonly Key[],
  more: Partial<Pick<Declaration, 'from' | 'notice'>> = {},
): Aggregate =>
  aggregate({
    name,
    table,
    levels: ['hour', 'day'],
    keys,
    figures: [...counts, duration, count('executions', 'sum(e.executions)'), count('steps', 'sum(e.steps)')],
    from: SESSIONS,
    measures,
    ...more,
  });

/** All of a tenant together. */
export const session = sessionsBy('session', 'session', [by('environment')]);

export const sessionAgent = sessionsBy(
  'sessionAgent',
  'session_agent',
  [by('agent', 'a.agent_id'), by('environment')],
  {
    from: {
      ...SESSIONS,
      join: `JOIN LATERAL (
        SELECT p.agent_id FROM session_agents p WHERE p.tenant_id = $1 AND p.session_id = e.session_id
        OFFSET 0) AS a ON true`,
    },
    notice: 'A session counts under each agent that ran in it.',
  },
);

export const sessionUser = sessionsBy('sessionUser', 'session_user', [by('user')]);

/** Flows of a bucket that are kept of a tenant and of each agent, those with the most sessions; the others count together. */
export const MAX_FLOWS = 1_000;

const flow = { ...shared('flow'), raw: 'max(f.flow)' };

/** What sessions do: their steps, those of each agent, and the agents that run. */
export const sessionFlow = aggregate({
  name: 'sessionFlow',
  table: 'session_flow',
  levels: ['hour', 'day'],
  keys: [
    { column: 'flow_of', raw: 'f.flow_of' },
    { column: 'of_agent', raw: 'f.of_agent' },
    { column: 'flow_key', raw: 'md5(f.flow::text)::uuid' },
  ],
  most: { of: 'flow_key', values: MAX_FLOWS, by: 'sessions' },
  figures: [flow, ...counts, duration],
  from: {
    ...SESSIONS,
    join: `JOIN LATERAL (
      SELECT 'steps' AS flow_of, NULL::text AS of_agent, ${flowSql('e.path')} AS flow
      UNION ALL SELECT 'agents', NULL, ${flowSql('e.agent_path')}
      UNION ALL SELECT 'steps', p.agent_id, ${flowSql('p.path')}
        FROM session_agents p WHERE p.tenant_id = $1 AND p.session_id = e.session_id
      OFFSET 0) AS f ON true`,
  },
  measures: {},
});

/** Where sessions end: by the length of their flow and its last step. */
export const sessionEnd = aggregate({
  name: 'sessionEnd',
  table: 'session_end',
  levels: ['hour', 'day'],
  keys: [
    { column: 'of_agent', raw: 'f.of_agent' },
    { column: 'length', raw: 'cardinality(f.flow)' },
    { column: 'last_step', raw: 'f.flow[cardinality(f.flow)]' },
  ],
  most: { of: 'last_step', values: MAX_FLOWS, by: 'sessions' },
  figures: counts,
  from: {
    ...SESSIONS,
    join: `JOIN LATERAL (
      SELECT NULL::text AS of_agent, ${flowSql('e.path')} AS flow
      UNION ALL SELECT p.agent_id, ${flowSql('p.path')}
        FROM session_agents p WHERE p.tenant_id = $1 AND p.session_id = e.session_id
      OFFSET 0) AS f ON true`,
  },
  measures: {},
});

/** Executions that are of no session. */
export const sessionless = aggregate({
  name: 'sessionless',
  table: 'sessionless',
  levels: ['hour', 'day'],
  keys: [by('agent')],
  figures: [count('executions', 'count(*)')],
  from: { ...EXECUTIONS, where: 'e.session_id IS NULL' },
  measures: {},
});

/** Narrowest first. */
export const SESSION_AGGREGATES = [session, sessionAgent, sessionUser, sessionFlow, sessionEnd, sessionless];
