/** The cost of this month: up to each day, or as one row. */
import { DataFrameType, FieldType, type DataFrame, type Field } from '@grafana/data';
import type { Forecast, ForecastDay } from '../../api/types';
import { COUNT, numberColumn, tableOf, textColumn, USD, type Column } from '../../frames/columns';
import { DAY } from '../../interval';
import type { BaseQuery } from '../../types';

const COLUMNS: Array<Column<Forecast>> = [
  textColumn('Month', 'month'),
  numberColumn('So far', 'month_to_date_usd', USD),
  numberColumn('Projected', 'projected_month_usd', USD),
  numberColumn('Lower', 'lower_usd', USD),
  numberColumn('Upper', 'upper_usd', USD),
  textColumn('Method', 'method'),
  numberColumn('History days', 'history_days', COUNT),
];

export function forecastFrames({ refId, format }: BaseQuery, forecast: Forecast): DataFrame[] {
  return format === 'table' ? tableOf(refId, [forecast], COLUMNS) : series(refId, forecast);
}

function series(refId: string, { daily, month_to_date_usd }: Forecast): DataFrame[] {
  if (daily.length === 0) {
    return [];
  }
  // Today is the only day with both an actual and a projected cost.
  const today = daily.findIndex(({ projected_usd }) => projected_usd !== null);
  const known = today === -1 ? daily.length : today;
  const of = (name: string, value: (day: ForecastDay, index: number) => number | null): Field => ({
    name,
    type: FieldType.number,
    config: USD,
    values: daily.map(value),
  });
  // The projected series start at the last complete day, so that they join the actual one.
  const from = (end: (day: ForecastDay) => number | null) => (day: ForecastDay, index: number) =>
    index >= known ? end(day) : index === known - 1 ? day.cumulative_usd : null;
  const time: Field = {
    name: 'time',
    type: FieldType.time,
    config: { interval: DAY },
    values: daily.map(({ date }) => Date.parse(date)),
  };
  const fields = [
    time,
    of('Actual', ({ cumulative_usd }, index) =>
      index < known ? cumulative_usd : index === known ? month_to_date_usd : null,
    ),
    of(
      'Projected',
      from(({ cumulative_usd }) => cumulative_usd),
    ),
    of(
      'Lower',
      from(({ lower_usd }) => lower_usd),
    ),
    of(
      'Upper',
      from(({ upper_usd }) => upper_usd),
    ),
  ];
  const meta = { type: DataFrameType.TimeSeriesWide, preferredVisualisationType: 'graph' as const };
  return [{ refId, meta, length: daily.length, fields }];
}
