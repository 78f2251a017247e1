/** Time series: a frame a group. */
import { DataFrameType, FieldType, type DataFrame, type Field } from '@grafana/data';
import { bucketWidth } from '../interval';
import { agentLinks } from '../links';
import type { AnsweredPlan } from '../queries/run';
import { frameMeta, valueConfig } from './meta';
import { labelsOf, seriesName } from './names';
import { groupOf, readRows, seriesOf, type Cell, type Rows } from './rows';

export interface FrameContext {
  datasourceUid: string;
  /** Whether names must tell metrics apart. */
  qualified: boolean;
}

export function seriesFrames(plan: AnsweredPlan, context: FrameContext): DataFrame[] {
  const rows = readRows(plan.mainResult);
  return rows.time ? timeSeries(plan, rows, context) : figures(plan, rows, context);
}

function timeSeries(plan: AnsweredPlan, rows: Rows, context: FrameContext): DataFrame[] {
  const meta = frameMeta(plan, { type: DataFrameType.TimeSeriesMulti, preferredVisualisationType: 'graph' });
  // With the width Grafana draws bars as wide as buckets, and gaps where buckets are missing.
  const interval = bucketWidth(plan.main.interval);
  return [...seriesOf(rows).values()].map(({ group, points }) => {
    // The API may order by value; a series needs its times ascending.
    const ascending = [...points].sort((a, b) => a.time - b.time);
    return {
      refId: plan.query.refId,
      meta,
      length: ascending.length,
      fields: [
        {
          name: 'time',
          type: FieldType.time,
          config: { interval },
          values: ascending.map(({ time }) => time),
        },
        { ...valueField(plan, rows, group, context), values: ascending.map(({ value }) => value) },
      ],
    };
  });
}

/** Without an interval: one row with a figure for each group, as a stat or gauge panel shows them. */
function figures(plan: AnsweredPlan, rows: Rows, context: FrameContext): DataFrame[] {
  if (rows.values.length === 0) {
    return [];
  }
  const meta = frameMeta(plan, { type: DataFrameType.NumericWide, preferredVisualisationType: 'table' });
  const fields = rows.values.map((value, row) => ({
    ...valueField(plan, rows, groupOf(rows, row), context),
    values: [value],
  }));
  return [{ refId: plan.query.refId, meta, length: 1, fields }];
}

function valueField(
  plan: AnsweredPlan,
  rows: Rows,
  group: Cell[],
  context: FrameContext,
): Omit<Field, 'values'> {
  const labels = labelsOf(rows, group);
  const config = valueConfig(plan, rows, seriesName({ ...plan, qualified: context.qualified }, labels));
  const links = labels.agent ? agentLinks(context.datasourceUid, { id: labels.agent }) : undefined;
  return {
    name: plan.query.metric,
    type: FieldType.number,
    labels,
    config: { ...config, ...(links && { links }) },
  };
}
