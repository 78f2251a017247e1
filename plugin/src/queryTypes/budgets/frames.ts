import type { DataFrame } from '@grafana/data';
import type { Budget } from '../../api/types';
import { COUNT, numberColumn, PERCENT, tableOf, textColumn, USD, type Column } from '../../frames/columns';

const TYPES: Record<Budget['alert_type'], string> = { warning: 'warning', hard_stop: 'hard stop' };

const COLUMNS: Array<Column<Budget>> = [
  textColumn('Name', 'name', { value: nameOf }),
  textColumn('State', 'state', { value: stateOf }),
  numberColumn('Used', 'spend_percentage', PERCENT),
  numberColumn('Spend', 'current_spend_usd', USD),
  numberColumn('Reserved', 'reserved_usd', USD),
  numberColumn('Threshold', 'threshold_usd', USD),
  textColumn('Scope', 'scope'),
  textColumn('Scope ID', 'scope_id'),
  textColumn('Type', 'alert_type', { value: ({ alert_type }) => TYPES[alert_type] }),
  numberColumn('Period days', 'period_days', COUNT),
  textColumn('ID', 'id'),
];

export function budgetFrames(refId: string, budgets: Budget[]): DataFrame[] {
  return tableOf(refId, budgets, COLUMNS);
}

/** A budget without a name is shown with its scope. */
function nameOf({ name, scope, scope_id }: Budget): string {
  return name ?? [scope, scope_id].filter((part) => part !== null).join(' ');
}

/** An inactive budget neither warns nor blocks, whatever its spend. */
function stateOf({ state, is_active }: Budget): string {
  return is_active ? state : 'inactive';
}
