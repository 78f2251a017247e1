/** Time series: a frame a group. */
import {
  DataFrameType,
  FieldType,
  MappingType,
  type DataFrame,
  type Field,
  type ValueMapping,
} from '@grafana/data';
import { distinctNames } from '../distinct';
import { bucketWidth } from '../interval';
import { agentLinks } from '../links';
import type { Range } from '../queries/plan';
import type { AnsweredPlan } from '../queries/run';
import { frameMeta, valueConfig } from './meta';
import { labelsOf, seriesName } from './names';
import { groupOf, keyOf, readRows, seriesOf, type Cell, type Rows } from './rows';

export interface FrameContext {
  datasourceUid: string;
  /** Whether names must tell metrics apart. */
  qualified: boolean;
}

export function seriesFrames(plan: AnsweredPlan, context: FrameContext): DataFrame[] {
  const rows = readRows(plan.mainResult);
  if (rows.time) {
    return timeSeries(plan, rows, context);
  }
  return plan.previous ? comparedFigures(plan, plan.previous, rows, context) : figures(plan, rows, context);
}

function timeSeries(plan: AnsweredPlan, rows: Rows, context: FrameContext): DataFrame[] {
  const meta = frameMeta(plan, { type: DataFrameType.TimeSeriesMulti, preferredVisualisationType: 'graph' });
  // With the width Grafana draws bars as wide as buckets, and gaps where buckets are missing.
  const interval = bucketWidth(plan.main.interval);
  const series = [...seriesOf(rows).values()];
  const fields = valueFields(
    plan,
    rows,
    series.map(({ group }) => group),
    context,
  );
  return series.map(({ points }, index) => {
    // The API may order by value; a series needs its times ascending.
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

/** Without an interval: one row with a figure for each group, as a stat or gauge panel shows them. */
function figures(plan: AnsweredPlan, rows: Rows, context: FrameContext): DataFrame[] {
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

/**
 * A stat shows the change from the first number to the last. Where there is nothing to compare with, only a first number
 * without measure keeps it from showing one: a single number would be a change of 0 %, and one from 0 endless.
 */
const NOT_COMPARABLE = Infinity;
const NOTHING_BEFORE: ValueMapping = {
  type: MappingType.ValueToText,
  options: { [NOT_COMPARABLE]: { index: 0, text: 'nothing' } },
};

/** The same with a row before it: the figure of the period before. What is not known now has none. */
function comparedFigures(plan: AnsweredPlan, before: Range, rows: Rows, context: FrameContext): DataFrame[] {
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
      values: [valueBefore.get(keyOf(group)) || NOT_COMPARABLE, value],
    };
  });
  return [{ refId: plan.query.refId, meta, length: 2, fields: [time, ...compared] }];
}

/** A field for each group, under names that differ. */
function valueFields(
  plan: AnsweredPlan,
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
