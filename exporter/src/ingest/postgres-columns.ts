/** Maps columns of a foreign table to the fields of an event: as configured, otherwise by common column names. */
import { isId } from '../ids.js';

/** Fields of an event, and its tenant. */
export const SOURCE_FIELDS = [
  'id',
  'tenantId',
  'occurredAt',
  'metricType',
  'agentId',
  'agentName',
  'count',
  'endpoint',
  'status',
  'durationMs',
  'userId',
  'environment',
] as const;
export type SourceField = (typeof SOURCE_FIELDS)[number];

export interface SourceColumn {
  name: string;
  /** From format_type, such as `timestamp with time zone`. With the length: plain `character` means one character. */
  type: string;
  notNull: boolean;
  primaryKey: boolean;
}

type Kind = 'any' | 'time' | 'number';

/** Column names that are recognized for each field, most likely first, and the type that the column must have. */
const COMMON_NAMES: Record<SourceField, { kind: Kind; names: readonly string[] }> = {
  id: { kind: 'any', names: ['id', 'event_id', 'uuid'] },
  tenantId: { kind: 'any', names: ['organization_id', 'tenant_id', 'org_id', 'organisation_id'] },
  occurredAt: {
    kind: 'time',
    names: [
      'occurred_at',
      'created_at',
      'timestamp',
      'event_time',
      'recorded_at',
      'time',
      'ts',
      'date',
      'day',
    ],
  },
  metricType: { kind: 'any', names: ['metric_type', 'metric', 'event_type', 'type'] },
  agentId: { kind: 'any', names: ['agent_id', 'client_id', 'agent'] },
  agentName: { kind: 'any', names: ['agent_name', 'client_name'] },
  count: { kind: 'number', names: ['count', 'quantity', 'total', 'value'] },
  endpoint: { kind: 'any', names: ['endpoint', 'route', 'path', 'url'] },
  status: { kind: 'number', names: ['status_code', 'http_status', 'status', 'response_code'] },
  durationMs: {
    kind: 'number',
    names: ['duration_ms', 'response_time_ms', 'latency_ms', 'elapsed_ms', 'duration'],
  },
  userId: { kind: 'any', names: ['user_id', 'subject', 'sub'] },
  environment: { kind: 'any', names: ['environment', 'deployment_environment', 'env'] },
};

const TIME_TYPE = /^(date|timestamp)\b/;
export const isTime = ({ type }: SourceColumn): boolean => TIME_TYPE.test(type);
const NUMBER_TYPE = /^(smallint|integer|bigint|numeric|real|double precision)\b/;

const isOfKind = (kind: Kind, { type }: SourceColumn): boolean =>
  kind === 'any' || (kind === 'time' ? TIME_TYPE : NUMBER_TYPE).test(type);

export interface ColumnChoice {
  /** `--column FIELD=COLUMN` */
  columns: ReadonlyMap<string, string>;
  /** `--set FIELD=VALUE`: the same for every row. */
  values: ReadonlyMap<string, string>;
  /** `--tenant`: imports only this tenant's rows or, without a tenant column, all rows for this tenant. */
  tenantId?: string;
}

export interface Mapping {
  /** Columns by field. */
  columns: Partial<Record<SourceField, SourceColumn>>;
  time: SourceColumn;
  /** Columns that distinguish rows with the same time. */
  key: SourceColumn[];
  values: ReadonlyMap<string, string>;
  tenantId?: string;
  /** Names of the columns that nothing is read from. */
  unused: string[];
}

/**
 * @param known the table's columns
 * @throws Error naming the option that is wrong or missing, and the columns of the table
 */
export function mapColumns(
  known: readonly SourceColumn[],
  { columns, values, tenantId }: ColumnChoice,
): Mapping {
  const available = `the table has ${known.map(({ name, type }) => `${name} (${type})`).join(', ')}`;
  const chosen: Mapping['columns'] = {};
  for (const field of SOURCE_FIELDS) {
    const name = columns.get(field);
    if (values.has(field)) {
      if (name !== undefined) throw new Error(`--set ${field}: conflicts with --column ${field}=${name}`);
      continue;
    }
    const column =
      name === undefined ? byCommonName(known, field, chosen) : known.find((one) => one.name === name);
    if (name !== undefined && column === undefined)
      throw new Error(`--column ${field}=${name}: there is no such column; ${available}`);
    if (column !== undefined) chosen[field] = column;
  }
  const time = chosen.occurredAt;
  if (time === undefined)
    throw new Error(`--column occurredAt=…: specify the column with the time; ${available}`);
  if (!isTime(time))
    throw new Error(`--column occurredAt=${time.name}: is a ${time.type}, not a timestamp or date`);
  if (chosen.metricType === undefined && !values.has('metricType')) {
    throw new Error(
      `--column metricType=… or --set metricType=api_calls: specify what the rows count; ${available}`,
    );
  }
  if (chosen.tenantId === undefined && !isId(tenantId)) {
    throw new Error(`--tenant: specify the tenant, or its column with --column tenantId=…; ${available}`);
  }
  const key = keyOf(known, chosen.id, columns.has('id'), available);
  const used = new Set([...Object.values(chosen), ...key]);
  const unused = known.filter((column) => !used.has(column)).map(({ name }) => name);
  return { columns: chosen, time, key, values, tenantId, unused };
}

function byCommonName(
  known: readonly SourceColumn[],
  field: SourceField,
  taken: Mapping['columns'],
): SourceColumn | undefined {
  const { kind, names } = COMMON_NAMES[field];
  const free = known.filter((column) => isOfKind(kind, column) && !Object.values(taken).includes(column));
  return names
    .map((name) => free.find((column) => column.name === name))
    .find((column) => column !== undefined);
}

/** The primary key; otherwise the id column. */
function keyOf(
  known: readonly SourceColumn[],
  id: SourceColumn | undefined,
  named: boolean,
  available: string,
): SourceColumn[] {
  const primary = known.filter(({ primaryKey }) => primaryKey);
  if (primary.length > 0) return primary;
  if (id !== undefined && (named || id.notNull)) return [id];
  throw new Error(
    `--column id=…: the table has no primary key; specify a column that is unique and not null; ${available}`,
  );
}
