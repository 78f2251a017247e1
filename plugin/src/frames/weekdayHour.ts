/**
 * Heatmap of weekdays by hour, as `heatmap-rows`: the hours 0 to 23 first, then a field a weekday from Monday on. With
 * `yAxis.reverse: true` Monday is on top.
 */
import {
  DataFrameType,
  FieldType,
  MappingType,
  type DataFrame,
  type Field,
  type ValueMapping,
} from '@grafana/data';
import type { AnsweredPlan } from '../queries/run';
import { frameMeta, valueConfig } from './meta';
import { hourLabel, WEEKDAYS } from './names';
import { readRows } from './rows';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const FROM_MONDAY = [1, 2, 3, 4, 5, 6, 0];

export function weekdayHourFrames(plan: AnsweredPlan): DataFrame[] {
  const rows = readRows(plan.mainResult);
  if (rows.values.length === 0) {
    return [];
  }
  const of = (dimension: string, row: number) =>
    Number(rows.groups.find(({ name }) => name === dimension)?.values[row]);
  const cells = new Map(
    rows.values.map((value, row) => [`${of('weekday', row)} ${of('hourOfDay', row)}`, value] as const),
  );
  // The API names the cells in which something happened; in the others nothing was counted, and nothing measured.
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

// The axis shows the plain hours, but the tooltip asks for the bucket's end, x + 1: its mapping names both.
const HOUR_ENDS: ValueMapping = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    HOURS.map((hour) => [
      hour + 1,
      { index: hour, text: `${hourLabel(hour)}–${hourLabel((hour + 1) % 24)}` },
    ]),
  ),
};
