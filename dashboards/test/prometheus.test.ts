import { collectDefaultMetrics, Registry } from 'prom-client';
import { prometheusTargets, written } from './model.js';

/** Series that the exporter emits, as promised to everyone who writes panels and rules. */
const SERVICE = [
  'agentidp_analytics_query_duration_ms_bucket',
  'agentidp_analytics_cache_hits_total',
  'agentidp_analytics_cache_misses_total',
  'agentidp_analytics_aggregation_job_duration_ms',
  'agentidp_analytics_aggregation_job_last_run',
  'agentidp_analytics_rollup_lag_seconds',
  'agentidp_analytics_http_request_duration_seconds_bucket',
  'agentidp_analytics_http_request_duration_seconds_count',
  'agentidp_analytics_ingest_events_total',
  'agentidp_analytics_ingest_failures_total',
  'agentidp_analytics_db_pool_connections',
];
const TENANTS = [
  'agentidp_api_calls_total',
  'agentidp_api_errors_total',
  'agentidp_token_issuances_total',
  'agentidp_token_failures_total',
  'agentidp_credential_rotations_total',
  'agentidp_credential_last_rotation_timestamp_seconds',
  'agentidp_agent_last_seen_timestamp_seconds',
  'agentidp_active_agents',
];

/** Metric names in a PromQL expression: what stands before a brace. */
function namesIn(expr: string): string[] {
  return [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{/g)].map(([, name]) => name ?? '');
}

describe('a Prometheus query', () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const defaults = registry.getMetricsAsArray().flatMap(({ name }) => [name, `${name}_sum`, `${name}_count`]);
  const known = new Set(['up', ...SERVICE, ...TENANTS, ...defaults]);

  it.each(prometheusTargets.map(({ name, target }) => [name, target.expr ?? ''] as const))(
    '%s asks only for series that the exporter emits',
    (_, expr) => {
      const names = namesIn(expr);
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !known.has(name))).toEqual([]);
      // Business metrics come from a scrape job of their own.
      const job = names.every((name) => TENANTS.includes(name)) ? 'agentidp-tenants' : 'agentidp';
      expect(expr).toContain(`job="${job}"`);
    },
  );

  it('of a variable reads a label of a known series', () => {
    const queries = written
      .flatMap(({ templating }) => templating.list)
      .map(({ query }) => (query as { query?: string } | undefined)?.query ?? '')
      .filter((query) => query.startsWith('label_values'));
    expect(queries.length).toBe(2);
    expect(queries.flatMap(namesIn).filter((name) => !known.has(name))).toEqual([]);
  });
});
