/** The most common flows of sessions, and where their steps end. */
import { sessionEnd, sessionFlow } from '../../aggregates/index.js';
import { Parameters } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import { meanOf, percentOf } from '../metric-value.js';
import { agentNames } from '../run.js';
import { correctedSql, type SessionRequest } from './rows.js';

export const FLOWS_OF = ['steps', 'agents'] as const;
export type FlowOf = (typeof FLOWS_OF)[number];

interface FlowsRequest extends SessionRequest {
  of: FlowOf;
  limit: number;
}

interface FlowRow {
  /** Null for all that are not kept apart. */
  key: string | null;
  flow: string[];
  sessions: number;
  ended: number;
  completed: number;
  seconds: number;
  total: number;
}

export async function sessionFlows(pool: ReadPool, tenantId: string, request: FlowsRequest) {
  const rows = await readFlows(pool, tenantId, request);
  const total = rows[0]?.total ?? 0;
  const common = rows.filter(({ key, sessions }) => key !== null && sessions > 0).slice(0, request.limit);
  const names =
    request.of === 'steps'
      ? new Map<string, string>()
      : await agentNames(pool, tenantId, [...new Set(common.flatMap(({ flow }) => flow))]);
  const others = total - common.reduce((sum, { sessions }) => sum + sessions, 0);
  return {
    total_sessions: total,
    common_flows: common.map(({ flow, sessions, ended, completed, seconds }) => ({
      steps: collapsed(flow.map((label) => names.get(label) ?? label)),
      count: sessions,
      share: percentOf(sessions, total),
      avg_duration_ms: meanOf(seconds * 1000, sessions),
      completion_rate: percentOf(completed, ended),
    })),
    other: { count: others, share: percentOf(others, total) },
  };
}

/** Two agents may have one name. */
const collapsed = (labels: readonly string[]): string[] =>
  labels.filter((label, i) => label !== labels[i - 1]);

/** One more than the limit shows may be the row of all that are not kept apart. */
async function readFlows(
  pool: ReadPool,
  tenantId: string,
  { of, limit, ...request }: FlowsRequest,
): Promise<FlowRow[]> {
  const parameters = new Parameters();
  parameters.add(tenantId);
  const { agentId } = request;
  const rows = correctedSql(sessionFlow, request, ['flow', 'sessions', 'duration_sum'], parameters);
  // Of one agent's runs the flow of agents is that agent.
  const isAgent = of === 'agents' && agentId !== undefined;
  const agent = parameters.add(agentId ?? null);
  const key = isAgent ? `md5(${agent})::uuid` : 'flow_key';
  const flow = isAgent ? `ARRAY[${agent}::text]` : 'min(flow)';
  const result = await pool.query<FlowRow>(
    `WITH rows AS (${rows}), flows AS (
       SELECT ${key} AS key, ${flow} AS flow, sum(sessions)::float8 AS sessions,
              sum(sessions - active)::float8 AS ended, sum(completed)::float8 AS completed, sum(duration_sum) AS seconds
       FROM rows WHERE flow_of = ${parameters.add(isAgent ? 'steps' : of)} AND of_agent IS NOT DISTINCT FROM ${agent}::text
       GROUP BY 1
     )
     SELECT *, sum(sessions) OVER () AS total FROM flows
     ORDER BY key IS NULL, sessions DESC, key LIMIT ${parameters.add(limit + 1)}`,
    parameters.values,
  );
  return result.rows;
}

interface EndRow {
  length: number;
  /** Null for all that are not kept apart, and for a flow without steps. */
  step: string | null;
  sessions: number;
  ended: number;
  completed: number;
}

const TOP_LAST_STEPS = 5;

export async function sessionDropoff(pool: ReadPool, tenantId: string, request: SessionRequest) {
  const rows = await readEnds(pool, tenantId, request);
  const sum = (some: readonly EndRow[], figure: 'sessions' | 'ended' | 'completed'): number =>
    some.reduce((total, row) => total + row[figure], 0);
  const longest = Math.max(0, ...rows.filter(({ ended }) => ended > 0).map(({ length }) => length));
  return {
    total_sessions: sum(rows, 'sessions'),
    steps: Array.from({ length: longest }, (_, i) => {
      const number = i + 1;
      const reached = sum(
        rows.filter(({ length }) => length >= number),
        'ended',
      );
      const last = rows.filter(({ length }) => length === number);
      const completed = sum(last, 'completed');
      const dropped = sum(last, 'ended') - completed;
      const dropRate = percentOf(dropped, reached);
      return {
        number,
        reached,
        completed,
        dropped,
        completion_rate: dropRate === null ? null : 100 - dropRate,
        drop_rate: dropRate,
        top_last_steps: last
          .flatMap(({ step, ended }) => (step === null || ended === 0 ? [] : [{ step, count: ended }]))
          .slice(0, TOP_LAST_STEPS),
      };
    }),
  };
}

/** Those in which the most sessions ended first. */
async function readEnds(pool: ReadPool, tenantId: string, request: SessionRequest): Promise<EndRow[]> {
  const parameters = new Parameters();
  parameters.add(tenantId);
  const rows = correctedSql(sessionEnd, request, ['sessions'], parameters);
  const result = await pool.query<EndRow>(
    `WITH rows AS (${rows})
     SELECT length, last_step AS step, sum(sessions)::float8 AS sessions, sum(sessions - active)::float8 AS ended,
            sum(completed)::float8 AS completed
     FROM rows WHERE of_agent IS NOT DISTINCT FROM ${parameters.add(request.agentId ?? null)}::text
     GROUP BY 1, 2 ORDER BY ended DESC, step`,
    parameters.values,
  );
  return result.rows;
}
