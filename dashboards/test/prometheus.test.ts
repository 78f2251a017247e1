/** Compares the metrics in panels and rules with those that a running exporter exposes. */
import { testApp, type TestApp } from 'agentidp-analytics/testing/app';
import { call, issued, refused, rotated } from 'agentidp-analytics/testing/events';
import { metricsEmitted, metricsIn, missingMetrics, readRules } from '../../scripts/prometheus-rules.mjs';
import { SERVICE_JOB, TENANTS_JOB } from '../src/dashboards/service-health/selectors.js';
import { prometheusTargets, written } from './model.js';

const METRICS_TOKEN = 'a token of Prometheus';
/** Expositions by scrape job. */
const exposition: Record<string, string> = {};
let exporter: TestApp;

beforeAll(async () => {
  exporter = await testApp({ env: { METRICS_TOKEN }, processMetrics: true });
  const at = '2026-03-18T09:15:00Z';
  const agent = { agentId: 'billing-bot' };
  await exporter.sendAndRollup('acme', [
    call(at, { ...agent, endpoint: 'GET /api/v1/agents', status: 500, durationMs: 12 }),
    issued(at, agent),
    refused(at, agent),
    rotated(at, agent),
  ]);
  exposition[SERVICE_JOB] = (await exporter.get('/metrics', { token: null })).body;
  exposition[TENANTS_JOB] = (await exporter.get('/metrics/tenants', { token: METRICS_TOKEN })).body;
});
afterAll(() => exporter.close());

/** Replaces Grafana's variables in PromQL. */
const interpolated = (expr: string) => expr.replaceAll(/\$__(rate_interval|interval|range)/g, '5m');

/** Series of a job. Prometheus adds `up` for every target. */
const seriesOf = (job: string) => metricsEmitted(exposition[job] ?? '').add('up');

describe('a Prometheus query', () => {
  it.each(prometheusTargets.map(({ name, target }) => [name, target.expr ?? ''] as const))(
    '%s uses only series that its job exposes',
    (_, expr) => {
      const job = /job="([^"]+)"/.exec(expr)?.[1] ?? '';
      const names = [...metricsIn(interpolated(expr))];
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !seriesOf(job).has(name))).toEqual([]);
      // Every selector has the same job.
      expect(expr.split(`job="${job}"`).length).toBe(expr.split(/\w\{/).length);
    },
  );

  it('of a variable reads a label of an existing series', () => {
    const queries = written
      .flatMap(({ templating }) => templating.list)
      .map(({ query }) => (query as { query?: string } | undefined)?.query ?? '')
      .map((query) => /^label_values\((.+), (\w+)\)$/.exec(query)?.slice(1) ?? [])
      .filter((parts) => parts.length > 0);
    expect(queries.length).toBe(2);
    for (const [selector = '', label = ''] of queries) {
      const job = /job="([^"]+)"/.exec(selector)?.[1] ?? '';
      const [name = ''] = metricsIn(selector);
      expect(seriesOf(job)).toContain(name);
      // Prometheus itself adds the instance label.
      expect(label === 'instance' || exposition[job]?.includes(`${name}{${label}="`)).toBe(true);
    }
  });
});

describe('a Prometheus rule', () => {
  it('uses only series that the exporter exposes or another rule records', () => {
    expect(readRules().length).toBeGreaterThan(10);
    expect(missingMetrics(Object.values(exposition).join('\n'))).toEqual([]);
  });

  it('with an unknown metric is detected', () => {
    const [rule] = readRules();
    const missing = missingMetrics('', rule && [{ ...rule, expr: 'rate(agentidp_no_such_total[5m])' }]);
    expect(missing).toEqual([expect.stringContaining('uses agentidp_no_such_total')]);
  });
});
