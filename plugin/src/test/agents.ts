/** Answers of the routes of tools, teams and costs. */
import type {
  AgentComparison,
  Recommendation,
  Recommendations,
  Team,
  Tool,
  UserActivityPage,
} from '../api/types';
import { PERIOD } from './sessions';

const search: Tool = {
  name: 'search',
  call_count: 40,
  success_rate: 97.5,
  avg_duration_ms: 120,
  p95_duration_ms: 300,
  cost: 0.4,
  agents: 2,
  last_error: { at: '2026-04-02T10:00:00Z', execution_id: 'e-9', message: 'timed out' },
};

export const TOOLS: { tools: Tool[] } = {
  tools: [search, { ...search, name: null, call_count: 1, cost: null, agents: 1, last_error: null }],
};

const FIGURES = {
  active_users: 4,
  active_agents: 3,
  total_executions: 200,
  nested_executions: 20,
  success_rate: 95,
  total_tokens: 90_000,
  total_cost: 12.5,
  unpriced_executions: 2,
};

export const TEAM: Team = {
  org_id: 't-1',
  period: PERIOD,
  total_users: 9,
  total_agents: 5,
  ...FIGURES,
  previous: { ...FIGURES, active_users: 2, total_executions: 0, success_rate: null },
};

export const USERS: UserActivityPage = {
  period: PERIOD,
  users: [
    {
      user_id: 'u-7',
      name: 'Ada',
      agents_created: 2,
      execution_count: 150,
      success_rate: 96,
      total_tokens: 70_000,
      total_cost: 9.5,
      last_active: '2026-04-13T18:00:00Z',
    },
    {
      user_id: 'u-8',
      name: null,
      agents_created: 0,
      execution_count: 50,
      success_rate: null,
      total_tokens: 20_000,
      total_cost: null,
      last_active: null,
    },
  ],
  next_cursor: null,
};

export const COMPARISON = {
  period: PERIOD,
  metrics: ['api_calls', 'cost'],
  agents: [
    { agent_id: 'a2', name: 'twin', api_calls: 10, cost: 1.5, total_cost: 1.5 },
    { agent_id: 'a1', name: 'twin', api_calls: 0, cost: null, total_cost: null },
  ],
} as unknown as AgentComparison;

export function recommendation(changes: Partial<Recommendation> = {}): Recommendation {
  return {
    id: 'r-1',
    kind: 'cheaper_model',
    title: 'Billing bot can run on gpt-4o-mini.',
    savings: 41.25,
    action: 'Move Billing bot from gpt-4o to gpt-4o-mini.',
    agent_id: 'a1',
    model: 'gpt-4o',
    evidence: {
      from: PERIOD.start,
      to: PERIOD.end,
      arithmetic: '100 runs at $0.50 in place of $0.91.',
      executions: ['e-1', 'e-2'],
      success_rate: 93.1,
    },
    caveat: 'Tasks may differ.',
    dismissed: false,
    ...changes,
  };
}

export const RECOMMENDATIONS: Recommendations = {
  period: PERIOD,
  total_savings: 41.25,
  recommendations: [
    recommendation(),
    recommendation({
      id: 'r-2',
      kind: 'unpriced',
      savings: null,
      agent_id: null,
      caveat: null,
      evidence: { from: PERIOD.start, to: PERIOD.end, arithmetic: '5 tokens have no price.', executions: [] },
    }),
    recommendation({ id: 'r-3', dismissed: true }),
  ],
};
