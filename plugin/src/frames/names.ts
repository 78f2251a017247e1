/** Display texts for values, groups and agents. */
import type { Labels } from '@grafana/data';
import type { Execution } from '../api/types';
import type { Cell, Rows } from './rows';

// 0 is Sunday, as in the API.
export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;

/** Converts 9 to `09:00`. */
export function hourLabel(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

/** Shown for events of the tenant itself. */
const NO_AGENT = '(no agent)';
const NO_VALUE = '(none)';

/** The display text of a dimension's value. */
export function cellLabel(dimension: string, value: Cell): string {
  if (value === null || value === '') {
    return dimension === 'agent' || dimension === 'agentName' ? NO_AGENT : NO_VALUE;
  }
  switch (dimension) {
    case 'weekday':
      return WEEKDAYS[Number(value)] ?? String(value);
    case 'hourOfDay':
      return hourLabel(Number(value));
    default:
      return String(value);
  }
}

/** The name of an execution's agent, or its id if it has no name. */
export function agentOf({ agent_id, agent_name }: Pick<Execution, 'agent_id' | 'agent_name'>): string {
  return cellLabel('agentName', agent_name ?? agent_id);
}

/** Columns of names, and the ids that stand for them where there is none. */
export const IDS: Readonly<Record<string, string>> = { agentName: 'agent', userName: 'user' };

/** The values of a group as Grafana's labels. An agent or user without a name has the id as name. */
export function labelsOf({ groups }: Rows, group: Cell[]): Labels {
  const labels: Labels = {};
  groups.forEach(({ name }, index) => {
    const own = group[index] ?? null;
    const id = groups.findIndex((other) => other.name === IDS[name]);
    const value = own ?? group[id] ?? null;
    labels[name] = name === 'agent' ? String(value ?? '') : cellLabel(name, value);
  });
  return labels;
}
