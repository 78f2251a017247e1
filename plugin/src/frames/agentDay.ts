/**
 * Heatmap of agents by day: the days are the columns, each agent a row, in the order of `heatmap-rows`: the x axis
 * first, then one field a row. With `yAxis.reverse: true` the first row, the busiest agent, is on top.
 */
import { DataFrameType, FieldType, type DataFrame, type Field } from '@grafana/data';
import { distinctNames } from '../distinct';
import { DAY } from '../interval';
import { agentLinks } from '../links';
import { bucketEnd } from '../queries/plan';
import type { AnsweredPlan } from '../queries/run';
import { frameMeta, valueConfig } from './meta';
import { labelsOf, seriesName } from './names';
import { readRows, seriesOf, type Series } from './rows';
import type { FrameContext } from './series';

export function agentDayFrames(plan: AnsweredPlan, { datasourceUid }: FrameContext): DataFrame[] {
  const rows = readRows(plan.mainResult);
  const agents = [...seriesOf(rows).values()].sort((a, b) => total(b) - total(a));
  if (agents.length === 0) {
    return [];
  }
  const days = withTwoOrMore([...new Set(rows.time)].sort((a, b) => a - b));
  const labels = agents.map(({ group }) => labelsOf(rows, group));
  const names = distinctNames(labels.map((own) => ({ name: seriesName(plan, own), id: own.agent ?? '' })));
  const fields = agents.map(({ points }, index): Field => {
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
    // The panel takes an x for the end of its bucket; a millisecond less keeps it within its own day.
    values: days.map((day, index) => bucketEnd(day, days[index + 1], 'day') - 1),
  };
  const meta = frameMeta(plan, {
    type: DataFrameType.HeatmapRows,
    preferredVisualisationPluginId: 'heatmap',
  });
  return [{ refId: plan.query.refId, meta, length: days.length, fields: [x, ...fields] }];
}

// Cells are as wide as the first two x are apart: of a single one nothing is drawn.
function withTwoOrMore(days: number[]): number[] {
  const [only, another] = days;
  return only !== undefined && another === undefined ? [only - DAY, only] : days;
}

function total({ points }: Series): number {
  return points.reduce((sum, { value }) => sum + (value ?? 0), 0);
}
