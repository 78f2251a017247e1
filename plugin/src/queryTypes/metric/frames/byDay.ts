/**
 * Heatmap of agents or users by day as a `heatmap-rows` frame: the x axis with the days, then one field per agent or user.
 * With `yAxis.reverse: true` the first row, the busiest one, is on top.
 */
import { DataFrameType, FieldType, type DataFrame, type Field } from '@grafana/data';
import { distinctNames } from '../../../distinct';
import { bucketEnd, DAY } from '../../../interval';
import { agentLinks } from '../../../links';
import type { AnsweredMetric } from '../plan';
import { frameMeta, valueConfig } from './meta';
import { labelsOf } from '../../../frames/names';
import { readRows, seriesOf, type Series } from '../../../frames/rows';
import type { FrameContext } from './series';
import { seriesName } from './seriesNames';

export function byDayFrames(plan: AnsweredMetric, { datasourceUid }: FrameContext): DataFrame[] {
  const rows = readRows(plan.mainResult);
  const all = [...seriesOf(rows).values()].sort((a, b) => total(b) - total(a));
  if (all.length === 0) {
    return [];
  }
  const days = withTwoOrMore([...new Set(rows.time)].sort((a, b) => a - b));
  const labels = all.map(({ group }) => labelsOf(rows, group));
  const id = plan.query.format === 'heatmap-user-day' ? 'user' : 'agent';
  const names = distinctNames(labels.map((own) => ({ name: seriesName(plan, own), id: own[id] ?? '' })));
  const fields = all.map(({ points }, index): Field => {
    const byDay = new Map(points.map(({ time, value }) => [time, value]));
    const own = labels[index] ?? {};
    const links = own.agent ? { links: agentLinks(datasourceUid, { id: own.agent }) } : {};
    return {
      name: names[index] ?? '',
      type: FieldType.number,
      labels: own,
      config: { ...valueConfig(plan, rows, names[index] ?? ''), ...links },
      values: days.map((day) => byDay.get(day) ?? null),
    };
  });
  const x: Field = {
    name: 'time',
    type: FieldType.time,
    config: { unit: 'time:ddd DD MMM' },
    // The panel treats x as the end of its bucket. One millisecond less keeps it in its own day.
    values: days.map((day, index) => bucketEnd(day, days[index + 1], 'day') - 1),
  };
  const meta = frameMeta(plan, {
    type: DataFrameType.HeatmapRows,
    preferredVisualisationPluginId: 'heatmap',
  });
  return [{ refId: plan.query.refId, meta, length: days.length, fields: [x, ...fields] }];
}

// The panel uses the distance of the first two x values as the cell width. With a single value it draws nothing.
function withTwoOrMore(days: number[]): number[] {
  const [only, another] = days;
  return only !== undefined && another === undefined ? [only - DAY, only] : days;
}

function total({ points }: Series): number {
  return points.reduce((sum, { value }) => sum + (value ?? 0), 0);
}
