/** `GET /catalog`: what can be measured, and by what. */
import { Type } from 'typebox';
import { dimensionsOf, intervalsOf } from '../../aggregates/index.js';
import { DIMENSIONS, INTERVALS, METRICS } from '../../catalog/index.js';
import type { App, RouteContext } from '../../http/context.js';
import { readRoute } from '../../http/route-options.js';
import { Strict } from '../../schemas.js';

const Catalog = Strict({
  metrics: Type.Array(
    Strict({
      name: Type.String(),
      aliases: Type.Optional(
        Type.Array(Type.String(), { description: 'Other names under which it can be asked for.' }),
      ),
      title: Type.String(),
      description: Type.String(),
      unit: Type.String({ description: 'Unit, as a Grafana unit id.' }),
      kind: Type.String({ enum: ['count', 'rate', 'duration', 'gauge'] }),
      dimensions: Type.Array(Type.String()),
      intervals: Type.Array(Type.String({ enum: [...INTERVALS] })),
    }),
  ),
  dimensions: Type.Array(Strict({ name: Type.String(), title: Type.String(), description: Type.String() })),
  minuteRetentionHours: Type.Integer({
    minimum: 0,
    description:
      'How long intervals below an hour are kept. A query that begins earlier has the hour as its finest interval.',
  }),
});

export default function routes(app: App, { config }: RouteContext): void {
  app.get(
    '/catalog',
    readRoute({ summary: 'Metrics and dimensions', tag: 'Query', answer: Catalog }),
    () => ({
      metrics: METRICS.map((metric) => ({
        name: metric.name,
        ...(metric.aliases && { aliases: [...metric.aliases] }),
        title: metric.title,
        description: metric.description,
        unit: metric.unit,
        kind: metric.kind,
        dimensions: dimensionsOf(metric).map(({ name }) => name),
        intervals: intervalsOf(metric),
      })),
      dimensions: DIMENSIONS.map(({ name, title, description }) => ({ name, title, description })),
      minuteRetentionHours: config.minuteRetentionHours,
    }),
  );
}
