import { renderBusiness } from '../../exporter/src/metrics/business.js';
import { ServiceMetrics } from '../../exporter/src/metrics/service.js';
import { SERVICE_JOB, TENANTS_JOB } from '../src/dashboards/service-health/selectors.js';
import { prometheusTargets, written } from './model.js';

/** Metric names in a PromQL expression: what stands before a brace. */
function namesIn(expr: string): string[] {
  return [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{/g)].map(([, name]) => name ?? '');
}

/** Series of an exposition, read off its TYPE lines. */
function seriesOf(exposition: string): Set<string> {
  const suffixes: Record<string, string[]> = {
    histogram: ['_bucket', '_sum', '_count'],
    summary: ['', '_sum', '_count'],
  };
  const types = [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(types.flatMap(([, name, type]) => (suffixes[type ?? ''] ?? ['']).map((end) => name + end)));
}

describe('a Prometheus query', () => {
  const known = new Map<string, Set<string>>();

  beforeAll(async () => {
    const pool = { totalCount: 0, idleCount: 0, waitingCount: 0 };
    const clock = { snapshot: undefined, rolledUpAt: 0, lagSeconds: 0, runs: new Map(), minutesFrom: 0 };
    const service = await new ServiceMetrics({ pool, clock, now: Date.now }).text();
    const tenants = await renderBusiness({
      takenAt: 0,
      namedTenants: new Set(),
      agents: [],
      activeAgents: new Map(),
    });
    // Prometheus adds `up` for every target.
    known.set(SERVICE_JOB, seriesOf(service).add('up'));
    known.set(TENANTS_JOB, seriesOf(tenants).add('up'));
  });

  it.each(prometheusTargets.map(({ name, target }) => [name, target.expr ?? ''] as const))(
    '%s asks only for series that its job emits',
    (_, expr) => {
      const job = /job="([^"]+)"/.exec(expr)?.[1] ?? '';
      const names = namesIn(expr);
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !known.get(job)?.has(name))).toEqual([]);
      // One job a query, and no series without it.
      expect(expr.split(`job="${job}"`).length - 1).toBe(names.length);
    },
  );

  it('of a variable reads a label of a known series', () => {
    const queries = written
      .flatMap(({ templating }) => templating.list)
      .map(({ query }) => (query as { query?: string } | undefined)?.query ?? '')
      .filter((query) => query.startsWith('label_values'));
    expect(queries.length).toBe(2);
    const all = [...known.values()].flatMap((names) => [...names]);
    expect(queries.flatMap(namesIn).filter((name) => !all.includes(name))).toEqual([]);
  });
});
