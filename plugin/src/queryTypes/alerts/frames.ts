import type { DataFrame } from '@grafana/data';
import type { Alert } from '../../api/types';
import { numberColumn, tableOf, textColumn, timeColumn, type Column } from '../../frames/columns';

/** From the worst to the best. */
const STATES = ['firing', 'pending', 'no_data', 'ok', 'inactive'];
const TITLES: Record<string, string> = { no_data: 'no data' };

const COLUMNS: Array<Column<Alert>> = [
  textColumn('Name', 'name'),
  textColumn('State', 'state', { value: (alert) => TITLES[stateOf(alert)] ?? stateOf(alert) }),
  textColumn('Severity', 'severity'),
  numberColumn('Value', 'value'),
  textColumn('Condition', 'condition', { value: conditionOf }),
  textColumn('By', 'condition', { value: ({ condition }) => condition.group_by?.join(', ') ?? null }),
  timeColumn('Since', 'since'),
  timeColumn('Evaluated', 'last_evaluated_at'),
  textColumn('Error', 'last_error'),
  textColumn('ID', 'id'),
];

export function alertFrames(refId: string, alerts: Alert[]): DataFrame[] {
  const rank = (alert: Alert) => STATES.indexOf(stateOf(alert));
  return tableOf(
    refId,
    [...alerts].sort((a, b) => rank(a) - rank(b)),
    COLUMNS,
  );
}

/** An inactive alert is not evaluated. */
function stateOf({ state, is_active }: Alert): string {
  return is_active ? state : 'inactive';
}

const SIGNS: Record<Alert['condition']['operator'], string> = {
  greater_than: '>',
  greater_or_equal: '≥',
  less_than: '<',
  less_or_equal: '≤',
  equal: '=',
  no_data: 'no data',
};
const COMPARED = { previous: '% against the window before', last_week: '% against last week' };

/** Such as `api_error_rate > 5 in 5m`. */
function conditionOf({ condition: { metric, operator, threshold, window, compare } }: Alert): string {
  const limit = operator === 'no_data' ? '' : `${threshold ?? ''} `;
  const against = compare === undefined ? '' : ` ${COMPARED[compare]}`;
  return `${metric} ${SIGNS[operator]} ${limit}in ${window}${against}`;
}
