/** By what metrics can be grouped and filtered. */
import { NESTED, TOP } from './executions.js';

export interface DimensionValue {
  value: string;
  label: string;
}

/** Where the values of a dimension are listed for variables and filters. */
export type ValueSource =
  | { directory: 'agents' | 'agentTags' | 'users' | 'endpoints' }
  /** The names of aggregates whose days are looked through. Default: the narrowest that carries the dimension. */
  | { seenIn: readonly string[] }
  | { fixed: readonly DimensionValue[] };

interface Declaration {
  name: string;
  title: string;
  description: string;
  /** How its values travel in a column. */
  type: 'string' | 'number';
  /** The column of aggregates that carries it. */
  column?: string;
  /** The part of a bucket's time, in the query's time zone, that it is instead: so every counted metric has it. */
  ofTime?: 'dow' | 'hour';
  values?: ValueSource;
  /**
   * The table with the names of its ids, and the column that grouping adds for them. Optional: only if one of the ids has
   * a name, since most tenants name none.
   */
  names?: { table: 'agents' | 'users'; column: string; optional?: true };
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const clock = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`;

const DECLARED = [
  {
    name: 'agent',
    title: 'Agent',
    description: 'The agent that acted; null for events of the tenant itself. Grouping adds agentName.',
    type: 'string',
    column: 'agent_id',
    values: { directory: 'agents' },
    names: { table: 'agents', column: 'agentName' },
  },
  {
    name: 'agentTag',
    title: 'Agent tag',
    description:
      'Tags of the agent, as it is tagged now; null for one without any. An agent counts under each of its tags.',
    type: 'string',
    column: 'agent_id',
    values: { directory: 'agentTags' },
  },
  {
    name: 'endpoint',
    title: 'Endpoint',
    description: 'Method and path with ids replaced by {id}; "other" beyond 1,000 names per tenant.',
    type: 'string',
    column: 'endpoint',
    values: { directory: 'endpoints' },
  },
  {
    name: 'statusClass',
    title: 'Status class',
    description: 'HTTP status by its first digit: 2xx, 3xx, 4xx, 5xx; null if none was sent.',
    type: 'string',
    column: 'status_code',
  },
  {
    name: 'statusCode',
    title: 'Status code',
    description: 'HTTP status code; null if none was sent.',
    type: 'number',
    column: 'status_code',
  },
  {
    name: 'executionStatus',
    title: 'Execution status',
    description: 'How an execution ended: success, failure, timeout or blocked; running while it has not.',
    type: 'string',
    column: 'status',
  },
  {
    name: 'level',
    title: 'Level',
    description: 'Whether another execution has called this one: nested if so, otherwise top.',
    type: 'string',
    column: 'level',
    values: {
      fixed: [
        { value: TOP, label: 'Top' },
        { value: NESTED, label: 'Nested' },
      ],
    },
  },
  {
    name: 'model',
    title: 'Model',
    description: 'Model of an execution; for tokens and cost, of its token usages.',
    type: 'string',
    column: 'model_name',
    // The models of token usages besides those of executions.
    values: { seenIn: ['executionComponent'] },
  },
  {
    name: 'provider',
    title: 'Provider',
    description: 'Provider of the model.',
    type: 'string',
    column: 'provider',
    values: { seenIn: ['executionComponent'] },
  },
  {
    name: 'user',
    title: 'User',
    description:
      'The user on whose behalf an execution ran. Grouping adds userName if one of them has a name.',
    type: 'string',
    column: 'user_id',
    values: { directory: 'users' },
    names: { table: 'users', column: 'userName', optional: true },
  },
  {
    name: 'flow',
    title: 'Flow',
    description: 'The flow or workflow that an execution was part of.',
    type: 'string',
    column: 'flow_id',
  },
  {
    name: 'environment',
    title: 'Environment',
    description: 'The deployment environment of an execution or event; null if none was sent.',
    type: 'string',
    column: 'environment',
    values: { seenIn: ['executionEnvironment', 'eventEnvironment'] },
  },
  {
    name: 'tag',
    title: 'Tag',
    description:
      'Tags of an execution itself; null for one without any. An execution counts under each of its tags.',
    type: 'string',
    column: 'tags',
  },
  {
    name: 'tool',
    title: 'Tool',
    description: 'The tool that a step called.',
    type: 'string',
    column: 'tool_name',
  },
  {
    name: 'errorType',
    title: 'Error type',
    description: 'Kind of failure of an execution.',
    type: 'string',
    column: 'error_type',
  },
  {
    name: 'component',
    title: 'Component',
    description: 'Part of an execution that used tokens; null for executions that sent no token usages.',
    type: 'string',
    column: 'component',
  },
  {
    name: 'weekday',
    title: 'Weekday',
    description: "Day of the week in the query's time zone, 0 is Sunday.",
    type: 'number',
    ofTime: 'dow',
    values: { fixed: WEEKDAYS.map((label, day) => ({ value: String(day), label })) },
  },
  {
    name: 'hourOfDay',
    title: 'Hour of day',
    description: "Hour in the query's time zone, 0 to 23.",
    type: 'number',
    ofTime: 'hour',
    values: {
      fixed: Array.from({ length: 24 }, (_, hour) => ({
        value: String(hour),
        label: `${clock(hour)}–${clock(hour + 1)}`,
      })),
    },
  },
] as const satisfies readonly Declaration[];

type Declared = (typeof DECLARED)[number];
export type DimensionName = Declared['name'];
/** Dimensions that a row of an aggregate carries. */
export type StoredDimension = Extract<Declared, { column: string }>['name'];

export interface Dimension extends Declaration {
  name: DimensionName;
}

export const DIMENSIONS: readonly Dimension[] = DECLARED;

const BY_NAME = new Map<string, Dimension>(DIMENSIONS.map((dimension) => [dimension.name, dimension]));

export function findDimension(name: string): Dimension | undefined {
  return BY_NAME.get(name);
}

/** The column of aggregates that carries a dimension; undefined for one that is a part of the time. */
export function columnOf(name: StoredDimension): string;
export function columnOf(name: DimensionName): string | undefined;
export function columnOf(name: DimensionName): string | undefined {
  return BY_NAME.get(name)?.column;
}

export const isStored = (name: DimensionName): name is StoredDimension => columnOf(name) !== undefined;

/** The dimensions that a column of aggregates carries, in the catalog's order. */
export function dimensionsOfColumn(column: string): StoredDimension[] {
  return DIMENSIONS.flatMap((dimension) =>
    dimension.column === column ? [dimension.name as StoredDimension] : [],
  );
}
