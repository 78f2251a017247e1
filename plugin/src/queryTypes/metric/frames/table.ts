/** Tables: a column per dimension, the value, and optionally its trend as a sparkline. */
import {
  FieldType,
  MappingType,
  type DataFrame,
  type DataFrameWithValue,
  type Field,
  type FieldConfig,
  type ValueMapping,
} from '@grafana/data';
import type { Column } from '../../../api/types';
import { bucketWidth } from '../../../interval';
import { AGENT_OF_ROW, agentLinks } from '../../../links';
import type { AnsweredMetric } from '../plan';
import { frameMeta, valueConfig } from './meta';
import { cellLabel } from '../../../frames/names';
import { groupOf, keyOf, readRows, seriesOf, type Rows, type Series } from '../../../frames/rows';
import type { FrameContext } from './series';
import { metricTitle } from './seriesNames';

export function tableFrames(plan: AnsweredMetric, context: FrameContext): DataFrame[] {
  const rows = readRows(plan.mainResult);
  if (rows.values.length === 0) {
    return [];
  }
  const fields: Field[] = rows.groups.map((column) => groupField(column, context));
  if (rows.time) {
    fields.unshift({ name: 'time', type: FieldType.time, config: {}, values: rows.time });
  }
  fields.push({
    // Panels merge several tables by column name, so each value column needs its own.
    name: plan.query.alias || plan.query.metric,
    type: FieldType.number,
    config: valueConfig(plan, rows, metricTitle(plan)),
    values: rows.values,
  });
  if (plan.detailResult) {
    fields.push(trendField(plan, rows, readRows(plan.detailResult)));
  }
  const meta = frameMeta(plan, { preferredVisualisationType: 'table' });
  return [{ refId: plan.query.refId, meta, length: rows.values.length, fields }];
}

function groupField({ name, type, values }: Column, { datasourceUid }: FrameContext): Field {
  const isAgent = name === 'agent' || name === 'agentName';
  const links = isAgent ? { links: agentLinks(datasourceUid, AGENT_OF_ROW) } : {};
  // Grafana filters by the column's name, and agentName is not a dimension.
  const config: FieldConfig = { filterable: name !== 'agentName', ...links };
  if (name === 'weekday' || name === 'hourOfDay') {
    // Numbers sort in the order of days and hours; names would not.
    return {
      name,
      type: FieldType.number,
      config: { ...config, mappings: [labelMapping(name, values)] },
      values,
    };
  }
  if (type === 'number') {
    // A status code is a category: charts need it as text.
    return {
      name,
      type: FieldType.string,
      config,
      values: values.map((value) => (value === null ? null : String(value))),
    };
  }
  const named =
    name === 'agentName' ? values.map((value) => (value === null ? cellLabel(name, value) : value)) : values;
  return { name, type: FieldType.string, config, values: named };
}

function labelMapping(dimension: string, values: Column['values']): ValueMapping {
  const options = Object.fromEntries(
    [...new Set(values)]
      .filter((value) => value !== null)
      .map((value, index) => [String(value), { index, text: cellLabel(dimension, value) }]),
  );
  return { type: MappingType.ValueToText, options };
}

function trendField(plan: AnsweredMetric, rows: Rows, detail: Rows): Field {
  const series = seriesOf(detail);
  const values = rows.values.map((value, row) => trendOf(plan, series.get(keyOf(groupOf(rows, row))), value));
  const config = {
    displayNameFromDS: 'trend',
    unit: rows.unit ?? plan.metric?.unit,
    // The value has a column of its own.
    custom: { cellOptions: { type: 'sparkline', hideValue: true } },
  };
  return { name: 'trend', type: FieldType.frame, config, values };
}

/** The frame of a row's sparkline. Grafana modifies it when drawing, so rows must not share one. */
function trendOf(
  plan: AnsweredMetric,
  series: Series | undefined,
  value: number | null,
): DataFrameWithValue | null {
  if (!series) {
    return null;
  }
  const points = [...series.points].sort((a, b) => a.time - b.time);
  const interval = bucketWidth(plan.detail?.interval ?? 'none');
  return {
    refId: plan.query.refId,
    length: points.length,
    // The column is sorted by this value.
    value,
    fields: [
      { name: 'time', type: FieldType.time, config: { interval }, values: points.map(({ time }) => time) },
      {
        name: plan.query.metric,
        type: FieldType.number,
        config: {},
        values: points.map((point) => point.value),
      },
    ],
  };
}
