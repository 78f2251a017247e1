import { dimensionsOf, intervalsOf, sourceFor } from 'agentidp-analytics/aggregates';
import { findDimension, findMetric, type StoredDimension } from 'agentidp-analytics/catalog';
import { VARIABLE } from 'agentidp-analytics-panels/names';
import { analyticsTargets, written, type TargetJson } from './model.js';

/** The queries of metrics. One whose metric is a variable stands for one query of each of its values. */
const metricTargets = analyticsTargets
  .filter(({ target }) => target.queryType === undefined)
  .flatMap(({ name, target }) =>
    target.metric === `$${VARIABLE.metric}`
      ? metricsOfVariable().map((metric) => ({ name: `${name} ${metric}`, target: { ...target, metric } }))
      : [{ name, target }],
  );

describe('a query of the plugin', () => {
  it.each(metricTargets.map(({ name, target }) => [name, target] as const))(
    '%s is in the catalog',
    (_, target) => {
      const metric = findMetric(target.metric ?? '');
      expect(metric).toBeDefined();
      if (!metric) {
        return;
      }
      const known = dimensionsOf(metric).map(({ name }) => name as string);
      expect(known).toEqual(expect.arrayContaining(dimensionsIn(target)));
      expect(['auto', ...intervalsOf(metric)]).toContain(target.interval);
      // Dimensions that are available individually need not be available together.
      expect(sourceFor(metric, storedIn(target), 'day')).toBeDefined();
    },
  );

  it.each(metricTargets.map(({ name, target }) => [name, target] as const))(
    '%s fits its format',
    (_, target) => {
      switch (target.format) {
        case 'heatmap-agent-day':
          expect(target).toMatchObject({ groupBy: ['agent'], interval: 'day' });
          break;
        case 'heatmap-user-day':
          expect(target).toMatchObject({ groupBy: ['user'], interval: 'day' });
          break;
        case 'heatmap-weekday-hour':
          expect(target).toMatchObject({ groupBy: ['weekday', 'hourOfDay'], interval: 'none' });
          break;
        case 'timeseries':
          // A single value requires a table, unless it is compared with the previous period.
          expect(target.interval === 'none').toBe(Boolean(target.previous));
          break;
        default:
          expect(target.format).toBe('table');
      }
      if (target.sparkline) {
        expect(target.format).toBe('table');
      }
    },
  );

  it('of every other type is used on a dashboard', () => {
    const kinds = new Set(analyticsTargets.map(({ target }) => target.queryType ?? 'metric'));
    expect(kinds).toEqual(
      new Set([
        ...['metric', 'annotation', 'executions', 'execution', 'budgets', 'forecast'],
        ...['sessions', 'flows', 'dropoff', 'funnel', 'recommendations', 'tools', 'team', 'userActivity'],
        ...['alerts', 'live', 'reports'],
      ]),
    );
    const parts = analyticsTargets.flatMap(({ target }) => target.part ?? []);
    expect(new Set(parts)).toEqual(new Set(['summary', 'trace', 'steps', 'usages', 'children']));
  });

  it('of a variable uses a dimension of the catalog', () => {
    const queries = written
      .flatMap(({ templating }) => templating.list)
      .map(({ query }) => query as { queryType?: string; dimension?: string } | string | undefined)
      .filter((query) => typeof query === 'object' && query.queryType !== undefined);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      expect(query).toMatchObject({ queryType: 'dimensionValues' });
      expect(findDimension((query as { dimension: string }).dimension)).toBeDefined();
    }
  });

  it('of an annotation uses rotations, alerts or job runs', () => {
    const asked = analyticsTargets.filter(({ target }) => target.queryType === 'annotation');
    expect(new Set(asked.map(({ target }) => target.annotation))).toEqual(
      new Set(['rotations', 'alerts', 'jobs']),
    );
  });
});

/** `Title : name, …` */
function metricsOfVariable(): string[] {
  const variables = written.flatMap(({ templating }) => templating.list);
  const { query } = variables.find(({ name }) => name === VARIABLE.metric)!;
  return String(query)
    .split(', ')
    .map((option) => option.split(' : ')[1]!);
}

function dimensionsIn({ groupBy = [], filters = [] }: TargetJson): string[] {
  return [...groupBy, ...filters.map(({ dimension }) => dimension)];
}

function storedIn(target: TargetJson): StoredDimension[] {
  return dimensionsIn(target).filter((name): name is StoredDimension => !findDimension(name)?.ofTime);
}
