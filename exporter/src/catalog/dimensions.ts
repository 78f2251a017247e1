/** By what metrics can be grouped and filtered. */
import type { StoredDimension } from './sources.js';

export type DimensionName = StoredDimension | 'weekday' | 'hourOfDay';

export interface Dimension {
  name: DimensionName;
  title: string;
  description: string;
  /** How its values travel in a column. */
  type: 'string' | 'number';
  /** Derived from a bucket's time in the query's time zone, so every counted metric has it. */
  ofTime: boolean;
}

export const DIMENSIONS: readonly Dimension[] = [
  {
    name: 'agent',
    title: 'Agent',
    description: 'The agent that acted; null for events of the tenant itself. Grouping adds agentName.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'endpoint',
    title: 'Endpoint',
    description: 'Method and path with ids replaced by {id}; "other" beyond 1,000 names a tenant.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'statusClass',
    title: 'Status class',
    description: 'HTTP status by its first digit: 2xx, 3xx, 4xx, 5xx; null where none was sent.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'statusCode',
    title: 'Status code',
    description: 'HTTP status code; null where none was sent.',
    type: 'number',
    ofTime: false,
  },
  {
    name: 'executionStatus',
    title: 'Execution status',
    description: 'How an execution ended: success, failure, timeout or blocked; running while it has not.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'model',
    title: 'Model',
    description: 'Model of an execution, or of a token usage where it is grouped by component.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'provider',
    title: 'Provider',
    description: 'Whoever runs the model.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'user',
    title: 'User',
    description: 'The user on whose behalf an execution ran.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'flow',
    title: 'Flow',
    description: 'The flow or workflow that an execution was part of.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'tool',
    title: 'Tool',
    description: 'The tool that a step called.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'errorType',
    title: 'Error type',
    description: 'Kind of failure of an execution.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'component',
    title: 'Component',
    description: 'Part of an execution that used tokens; null for executions that sent no token usages.',
    type: 'string',
    ofTime: false,
  },
  {
    name: 'weekday',
    title: 'Weekday',
    description: "Day of the week in the query's time zone, 0 is Sunday.",
    type: 'number',
    ofTime: true,
  },
  {
    name: 'hourOfDay',
    title: 'Hour of day',
    description: "Hour in the query's time zone, 0 to 23.",
    type: 'number',
    ofTime: true,
  },
];

const BY_NAME = new Map<string, Dimension>(DIMENSIONS.map((dimension) => [dimension.name, dimension]));

export function findDimension(name: string): Dimension | undefined {
  return BY_NAME.get(name);
}

export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;
