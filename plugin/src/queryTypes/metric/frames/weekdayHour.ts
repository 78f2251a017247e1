/**
 * Heatmap of weekdays by hour as a `heatmap-rows` frame: the hours 0 to 23, then one field per weekday from Monday on.
 * With `yAxis.reverse: true` Monday is on top.
 */
import {
  DataFrameType,
  FieldType,
  MappingType,
  type DataFrame,
  type Field,
  type ValueMapping,
} from '@grafana/data';
import type { AnsweredMetric } from '../plan';
import { frameMeta, valueConfig } from './meta';
import { hourLabel, WEEKDAYS } from '../../../frames/names';
import { readRows } from '../../../frames/rows';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const FROM_MONDAY = [1, 2, 3, 4, 5, 6, 0];

export function weekdayHourFrames(plan: AnsweredMetric): DataFrame[] {
  const rows = readRows(plan.mainResult);
  if (rows.values.length === 0) {
    return [];
  }
  const of = (dimension: string, row: number) =>
    Number(rows.groups.find(({ name }) => name === dimension)?.values[row]);
  const cells = new Map(
    rows.values.map((value, row) => [`${of('weekday', row)} ${of('hourOfDay', row)}`, value] as const),
  );
  // The API returns only cells with events. In the others a count is 0, and a measurement is missing.
  const missing = plan.metric?.kind === 'count' ? 0 : null;
  const days = FROM_MONDAY.map((weekday): Field => {
    const name = WEEKDAYS[weekday] ?? '';
    return {
      name,
      type: FieldType.number,
      config: valueConfig(plan, rows, name),
      values: HOURS.map((hour) => cells.get(`${weekday} ${hour}`) ?? missing),
    };
  });
  const x: Field = { name: 'hour', type: FieldType.number, config: { mappings: [HOUR_ENDS] }, values: HOURS };
  const meta = frameMeta(plan, {
    type: DataFrameType.HeatmapRows,
    preferredVisualisationPluginId: 'heatmap',
  });
  return [{ refId: plan.query.refId, meta, length: HOURS.length, fields: [x, ...days] }];
}

// The axis shows the plain hours. The tooltip shows the end of the bucket, x + 1, which is mapped to both ends.
const HOUR_ENDS: ValueMapping = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    HOURS.map((hour) => [
      hour + 1,
      { index: hour, text: `${hourLabel(hour)}–${hourLabel((hour + 1) % 24)}` },
    ]),
  ),
};
