/** Live figures as a time series with a field for each figure. */
import { DataFrameType, FieldType, type DataFrame, type Field, type FieldConfig } from '@grafana/data';
import type { LiveFigures } from '../../api/types';
import { COUNT, PERCENT, USD } from '../../frames/columns';

const FIGURES: ReadonlyArray<{
  name: string;
  figure: Exclude<keyof LiveFigures, 'at'>;
  config: FieldConfig;
}> = [
  { name: 'Active sessions', figure: 'active_sessions', config: COUNT },
  { name: 'Running executions', figure: 'running_executions', config: COUNT },
  { name: 'Executions per minute', figure: 'executions_per_minute', config: COUNT },
  { name: 'Error rate', figure: 'current_error_rate', config: PERCENT },
  { name: 'API calls per minute', figure: 'api_calls_per_minute', config: COUNT },
  { name: 'Tokens per minute', figure: 'tokens_per_minute', config: COUNT },
  { name: 'Cost per minute', figure: 'cost_per_minute_usd', config: USD },
  { name: 'Firing alerts', figure: 'firing_alerts', config: COUNT },
];

export function liveFrames(refId: string, points: readonly LiveFigures[]): DataFrame[] {
  const fields = FIGURES.map(({ name, figure, config }): Field => ({
    name,
    type: FieldType.number,
    config,
    values: points.map((point) => point[figure]),
  }));
  const time: Field = {
    name: 'time',
    type: FieldType.time,
    config: {},
    values: points.map(({ at }) => Date.parse(at)),
  };
  const meta = { type: DataFrameType.TimeSeriesWide, preferredVisualisationType: 'graph' as const };
  return [{ refId, meta, length: points.length, fields: [time, ...fields] }];
}
