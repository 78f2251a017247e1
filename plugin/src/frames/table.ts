/** Tables: a column a dimension, the figure, and on request its course as a small chart. */
import {
  FieldType,
  MappingType,
  type DataFrame,
  type DataFrameWithValue,
  type Field,
  type FieldConfig,
  type ValueMapping,
} from '@grafana/data';
import type { Column } from '../api/types';
import { bucketWidth } from '../interval';
import { AGENT_OF_ROW, agentLinks } from '../links';
import type { AnsweredPlan } from '../queries/run';
import { frameMeta, valueConfig } from './meta';
import { cellLabel, metricTitle } from './names';
import { groupOf, keyOf, readRows, seriesOf, type Rows, type Series } from './rows';
import type { FrameContext } from './series';

export function tableFrames(plan: AnsweredPlan, context: FrameContext): DataFrame[] {
  const rows = readRows(plan.mainResult);
  if (rows.values.length === 0) {
    return [];
  }
  const fields: Field[] = rows.groups.map((column) => groupField(column, context));
  if (rows.time) {
    fields.unshift({ name: 'time', type: FieldType.time, config: {}, values: rows.time });
  }
  fields.push({
    // Panels merge several tables by the names of their columns, so each figure needs its own.
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
  // Filters are by dimension; a name is none.
  const config: FieldConfig = { filterable: name !== 'agentName', ...links };
  if (name === 'weekday' || name === 'hourOfDay') {
    // Stay numbers, so that they sort as days and hours do.
    return {
      name,
      type: FieldType.number,
      config: { ...config, mappings: [labelMapping(name, values)] },
      values,
    };
  }
  if (type === 'number') {
    // A code is a name made of digits: charts want it as text.
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

function trendField(plan: AnsweredPlan, rows: Rows, detail: Rows): Field {
  const series = seriesOf(detail);
  const values = rows.values.map((value, row) => trendOf(plan, series.get(keyOf(groupOf(rows, row))), value));
  const config = {
    displayNameFromDS: 'trend',
    unit: rows.unit ?? plan.metric?.unit,
    // The figure has a column of its own.
    custom: { cellOptions: { type: 'sparkline', hideValue: true } },
  };
  return { name: 'trend', type: FieldType.frame, config, values };
}

/** A row's own small frame; Grafana writes into it when it draws, so no two rows may share one. */
function trendOf(
  plan: AnsweredPlan,
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
    // What the column sorts by.
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
