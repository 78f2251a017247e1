/** This month's cost: its course up to each day, or one row. */
import { DataFrameType, FieldType, type DataFrame, type Field } from '@grafana/data';
import type { Forecast, ForecastDay } from '../api/types';
import { DAY } from '../interval';
import type { AnalyticsQuery } from '../types';
import { COUNT, numberColumn, tableOf, textColumn, USD } from './columns';

export function forecastFrames({ refId, format }: AnalyticsQuery, forecast: Forecast): DataFrame[] {
  return format === 'table' ? figures(refId, forecast) : course(refId, forecast);
}

function figures(refId: string, forecast: Forecast): DataFrame[] {
  return tableOf(refId, [
    textColumn('Month', [forecast.month]),
    numberColumn('So far', [forecast.month_to_date_usd], USD),
    numberColumn('Projected', [forecast.projected_month_usd], USD),
    numberColumn('Lower', [forecast.lower_usd], USD),
    numberColumn('Upper', [forecast.upper_usd], USD),
    textColumn('Method', [forecast.method]),
    numberColumn('History days', [forecast.history_days], COUNT),
  ]);
}

function course(refId: string, { daily, month_to_date_usd }: Forecast): DataFrame[] {
  if (daily.length === 0) {
    return [];
  }
  // Today is the one day with both: so far, and projected to its end.
  const today = daily.findIndex(({ projected_usd }) => projected_usd !== null);
  const known = today === -1 ? daily.length : today;
  const of = (name: string, value: (day: ForecastDay, index: number) => number | null): Field => ({
    ...numberColumn(name, daily.map(value), USD),
  });
  // The projection goes out from the last day that is known in full.
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
