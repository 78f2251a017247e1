/** Time series: one frame per group. */
import { DataFrameType, FieldType, type DataFrame, type Field } from '@grafana/data';
import { distinctNames } from '../../../distinct';
import { bucketWidth } from '../../../interval';
import { agentLinks } from '../../../links';
import type { Range } from '../../../queries/context';
import type { AnsweredMetric } from '../plan';
import { frameMeta, valueConfig } from './meta';
import { comparedValues, NOTHING_BEFORE } from '../../../frames/compared';
import { labelsOf } from '../../../frames/names';
import { groupOf, keyOf, readRows, seriesOf, type Cell, type Rows } from '../../../frames/rows';
import { seriesName } from './seriesNames';

export interface FrameContext {
  datasourceUid: string;
  /** Whether the panel shows several metrics, so that names must include the metric. */
  qualified: boolean;
}

export function seriesFrames(plan: AnsweredMetric, context: FrameContext): DataFrame[] {
  const rows = readRows(plan.mainResult);
  if (rows.time) {
    return timeSeries(plan, rows, context);
  }
  return plan.previous
    ? comparedPeriods(plan, plan.previous, rows, context)
    : singleValues(plan, rows, context);
}

function timeSeries(plan: AnsweredMetric, rows: Rows, context: FrameContext): DataFrame[] {
  const meta = frameMeta(plan, { type: DataFrameType.TimeSeriesMulti, preferredVisualisationType: 'graph' });
  // With the interval, Grafana draws bars as wide as buckets, and gaps for missing buckets.
  const interval = bucketWidth(plan.main.interval);
  const series = [...seriesOf(rows).values()];
  const fields = valueFields(
    plan,
    rows,
    series.map(({ group }) => group),
    context,
  );
  return series.map(({ points }, index) => {
    // The API may order by value, but the times of a series must ascend.
    const ascending = [...points].sort((a, b) => a.time - b.time);
    const values = ascending.map(({ value }) => value);
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
        ...fields.slice(index, index + 1).map((field) => ({ ...field, values })),
      ],
    };
  });
}

/** Without an interval: one row with a value per group, for stat and gauge panels. */
function singleValues(plan: AnsweredMetric, rows: Rows, context: FrameContext): DataFrame[] {
  if (rows.values.length === 0) {
    return [];
  }
  const meta = frameMeta(plan, { type: DataFrameType.NumericWide, preferredVisualisationType: 'table' });
  const groups = rows.values.map((_, row) => groupOf(rows, row));
  const fields = valueFields(plan, rows, groups, context).map((field, row) => ({
    ...field,
    values: [rows.values[row] ?? null],
  }));
  return [{ refId: plan.query.refId, meta, length: 1, fields }];
}

/** Two rows: the values of the previous period and those of this one. Groups without a current value are omitted. */
function comparedPeriods(
  plan: AnsweredMetric,
  before: Range,
  rows: Rows,
  context: FrameContext,
): DataFrame[] {
  const previous = plan.previousResult && readRows(plan.previousResult);
  const valueBefore = new Map(previous?.values.map((value, row) => [keyOf(groupOf(previous, row)), value]));
  const known = rows.values.flatMap((value, row) =>
    value === null ? [] : [{ value, group: groupOf(rows, row) }],
  );
  if (known.length === 0) {
    return [];
  }
  const fields = valueFields(
    plan,
    rows,
    known.map(({ group }) => group),
    context,
  );
  const meta = frameMeta(plan, { type: DataFrameType.TimeSeriesWide, preferredVisualisationType: 'table' });
  const time = { name: 'time', type: FieldType.time, config: {}, values: [before.from, before.to] };
  const compared = fields.map((field, index) => {
    const { value = null, group = [] } = known[index] ?? {};
    return {
      ...field,
      config: { ...field.config, mappings: [NOTHING_BEFORE] },
      values: comparedValues(valueBefore.get(keyOf(group)), value),
    };
  });
  return [{ refId: plan.query.refId, meta, length: 2, fields: [time, ...compared] }];
}

/** A field per group, with distinct names. */
function valueFields(
  plan: AnsweredMetric,
  rows: Rows,
  groups: Cell[][],
  { datasourceUid, qualified }: FrameContext,
): Array<Omit<Field, 'values'>> {
  const labels = groups.map((group) => labelsOf(rows, group));
  const names = distinctNames(
    labels.map((own) => ({ name: seriesName({ ...plan, qualified }, own), id: own.agent ?? '' })),
  );
  return labels.map((own, index) => {
    const links = own.agent ? { links: agentLinks(datasourceUid, { id: own.agent }) } : {};
    const config = { ...valueConfig(plan, rows, names[index] ?? ''), ...links };
    return { name: plan.query.metric, type: FieldType.number, labels: own, config };
  });
}
