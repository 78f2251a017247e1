/** The figures of the tenant, with those of the period before. */
import { DataFrameType, FieldType, type DataFrame, type Field, type FieldConfig } from '@grafana/data';
import type { Team } from '../../api/types';
import { COUNT, PERCENT, USD } from '../../frames/columns';
import { comparedValues, NOTHING_BEFORE } from '../../frames/compared';

type Figure = keyof Team & keyof Team['previous'];

const FIGURES: ReadonlyArray<{
  name: string;
  field: Figure | 'total_users' | 'total_agents';
  config: FieldConfig;
}> = [
  { name: 'Users', field: 'total_users', config: COUNT },
  { name: 'Active users', field: 'active_users', config: COUNT },
  { name: 'Agents', field: 'total_agents', config: COUNT },
  { name: 'Active agents', field: 'active_agents', config: COUNT },
  { name: 'Executions', field: 'total_executions', config: COUNT },
  { name: 'Nested executions', field: 'nested_executions', config: COUNT },
  { name: 'Success rate', field: 'success_rate', config: PERCENT },
  { name: 'Tokens', field: 'total_tokens', config: COUNT },
  { name: 'Cost', field: 'total_cost', config: USD },
  { name: 'Unpriced executions', field: 'unpriced_executions', config: COUNT },
];

/** Two rows: the start of the previous period and that of this one. There is no directory of the past. */
export function teamFrames(refId: string, team: Team): DataFrame[] {
  const start = Date.parse(team.period.start);
  const before = start - (Date.parse(team.period.end) - start);
  const previous: Partial<Team> = team.previous;
  const fields = FIGURES.map(({ name, field, config }): Field => ({
    name,
    type: FieldType.number,
    config: { ...config, mappings: [NOTHING_BEFORE] },
    values: comparedValues(previous[field], team[field]),
  }));
  const time: Field = { name: 'time', type: FieldType.time, config: {}, values: [before, start] };
  const meta = { type: DataFrameType.TimeSeriesWide, preferredVisualisationType: 'table' as const };
  return [{ refId, meta, length: 2, fields: [time, ...fields] }];
}
