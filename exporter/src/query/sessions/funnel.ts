/** A funnel: how many sessions did one step, and then the next ones. */
import { AppError } from '../../errors.js';
import { Parameters } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import type { Range } from '../segments.js';
import { percentOf } from '../metric-value.js';

const MIN_STEPS = 2;
const MAX_STEPS = 10;

export interface FunnelRequest {
  range: Range;
  agentId?: string;
  steps: readonly string[];
}

/**
 * The steps of a funnel, as they are sent: one text with commas, or several texts.
 * @throws AppError VALIDATION_ERROR for too few or too many
 */
export function funnelSteps(sent: readonly string[]): string[] {
  const steps = sent.length === 1 ? sent[0]!.split(',') : [...sent];
  if (steps.length < MIN_STEPS || steps.length > MAX_STEPS) {
    throw new AppError(
      'VALIDATION_ERROR',
      `a funnel has ${MIN_STEPS} to ${MAX_STEPS} steps, and this one has ${steps.length}; name them in their order, such as steps=search,pay`,
    );
  }
  if (steps.includes('')) throw new AppError('VALIDATION_ERROR', 'steps must not contain an empty name');
  return steps;
}

/** The path of a session is short, so each is looked through; of an agent only its sessions. */
export async function sessionFunnel(
  pool: ReadPool,
  tenantId: string,
  { range, agentId, steps }: FunnelRequest,
) {
  const parameters = new Parameters();
  const tenant = parameters.add(tenantId);
  const [from, to] = [range.from, range.to].map((at) => parameters.add(new Date(at)));
  const [table, ofAgent] =
    agentId === undefined
      ? ['sessions', '']
      : ['session_agents', `AND s.agent_id = ${parameters.add(agentId)}`];
  // OFFSET keeps each place from being computed again for every later one.
  const places = steps.map((step, i) => {
    const label = `${parameters.add(step)}::text`;
    const place =
      i === 0
        ? `array_position(s.path, ${label})`
        : `CASE WHEN p${i - 1}.at IS NOT NULL THEN array_position(s.path, ${label}, p${i - 1}.at + 1) END`;
    return `CROSS JOIN LATERAL (SELECT ${place} AS at OFFSET 0) AS p${i}`;
  });
  const columns = steps.flatMap((_, i) => [
    `count(p${i}.at)::float8 AS n${i}`,
    ...(i === 0
      ? []
      : [
          `(percentile_cont(0.5) WITHIN GROUP (
             ORDER BY extract(epoch FROM s.path_at[p${i}.at] - s.path_at[p${i - 1}.at])::float8) * 1000) AS m${i}`,
        ]),
  ]);
  const { rows } = await pool.query<Record<string, number | null>>(
    `SELECT ${columns.join(', ')} FROM ${table} s ${places.join('\n     ')}
     WHERE s.tenant_id = ${tenant} AND s.started_at >= ${from} AND s.started_at < ${to} ${ofAgent}`,
    parameters.values,
  );
  const counted = steps.map((_, i) => rows[0]![`n${i}`] ?? 0);
  return {
    steps: steps.map((step, i) => ({
      step,
      sessions: counted[i]!,
      conversion_rate: percentOf(counted[i]!, counted[0]!),
      from_previous_rate: i === 0 ? null : percentOf(counted[i]!, counted[i - 1]!),
      median_ms_from_previous: rows[0]![`m${i}`] ?? null,
    })),
  };
}
