/** Values of metrics, from the events of one cell. */
import { DAY } from './local-time.js';

export interface RecountEvent {
  at: number;
  metricType: string;
  agentId: string | null;
  count: number;
  endpoint: string | null;
  status: number | null;
  environment: string | null;
  durationMs: number | null;
}

/** Kinds of events that a metric is made of. */
export function typesOf(metric: string): string[] {
  if (metric.startsWith('api_') || metric === 'rate_limited_calls') return ['api_calls'];
  if (metric === 'token_issuances' || metric === 'token_failures') return [metric];
  if (metric.startsWith('token_')) return ['token_issuances', 'token_failures'];
  if (metric === 'active_agents')
    return ['api_calls', 'token_issuances', 'token_failures', 'credential_rotations'];
  return ['credential_rotations'];
}

/** Whether an event makes its group appear. */
export function counts(metric: string, { agentId, durationMs }: RecountEvent): boolean {
  if (/_p\d+_ms$/.test(metric)) return durationMs !== null;
  return metric !== 'rotation_interval_avg_days' || agentId !== null;
}

const sum = (
  events: readonly RecountEvent[],
  pick: (event: RecountEvent) => number = ({ count }) => count,
): number => events.reduce((total, event) => total + pick(event), 0);
const share = (part: number, whole: number): number | null => (whole === 0 ? null : (100 * part) / whole);
const isError = ({ status }: RecountEvent): boolean => status !== null && status >= 400;

export function valueOf(metric: string, events: readonly RecountEvent[]): number | null {
  switch (metric) {
    case 'rate_limited_calls':
      return sum(events.filter(({ status }) => status === 429));
    case 'api_errors':
      return sum(events.filter(isError));
    case 'api_error_rate':
      return share(sum(events.filter(isError)), sum(events));
    case 'api_duration_avg_ms': {
      const timed = events.filter(({ durationMs }) => durationMs !== null);
      return timed.length === 0 ? null : sum(timed, (event) => event.durationMs! * event.count) / sum(timed);
    }
    case 'api_duration_p50_ms':
    case 'api_duration_p95_ms':
    case 'api_duration_p99_ms':
      return percentile(events, Number(/\d\d/.exec(metric)![0]));
    case 'token_failure_rate':
      return share(sum(events.filter(({ metricType }) => metricType === 'token_failures')), sum(events));
    case 'active_agents':
    case 'token_active_agents':
      return new Set(events.flatMap(({ agentId }) => (agentId === null ? [] : [agentId]))).size;
    case 'rotation_interval_avg_days':
      return meanInterval(events);
    default:
      return sum(events);
  }
}

/** The nearest rank, each event as often as it counts. */
function percentile(events: readonly RecountEvent[], p: number): number | null {
  const sorted = events
    .filter(({ durationMs }) => durationMs !== null)
    .sort((a, b) => a.durationMs! - b.durationMs!);
  const rank = Math.ceil((sum(sorted) * p) / 100);
  let running = 0;
  for (const { durationMs, count } of sorted) {
    running += count;
    if (running >= rank) return durationMs;
  }
  return null;
}

function meanInterval(events: readonly RecountEvent[]): number | null {
  const agents = [...new Set(events.flatMap(({ agentId }) => (agentId === null ? [] : [agentId])))];
  const own = agents.map((agentId) => events.filter((event) => event.agentId === agentId));
  const gaps = own.reduce((total, rotations) => total + sum(rotations) - 1, 0);
  const span = own.reduce((total, rotations) => {
    const times = rotations.map(({ at }) => at);
    return total + Math.max(...times) - Math.min(...times);
  }, 0);
  return gaps === 0 ? null : span / DAY / gaps;
}
